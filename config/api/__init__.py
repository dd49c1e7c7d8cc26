"""The API: the one NinjaAPI, with the routers of the apps and one telling per refusal."""

from config.api.site import api

__all__ = ["api"]
