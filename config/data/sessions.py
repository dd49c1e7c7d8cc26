"""Who is signed in once everything has changed around them."""

from django.contrib.auth import logout, update_session_auth_hash

from people.access import MemberRequest
from people.models import User


def stays_signed_in(request: MemberRequest, before: User) -> bool:
    """Keep whoever asked signed in, as long as they are there with the same name and password.

    Somebody else may bear their key by now: then nobody is signed in any more. Returns which.
    """
    same = User.objects.filter(
        pk=before.pk, username=before.username, password=before.password, is_active=True
    ).first()
    if same is None:
        logout(request)
        return False
    # The session is made anew: the row of the old one may be gone with the rest.
    request.user = same
    update_session_auth_hash(request, same)
    return True
