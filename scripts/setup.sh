#!/bin/sh
# Make .venv and fill it from a hash-pinned lock: `scripts/setup.sh run` or `scripts/setup.sh dev`.
# Nothing is done when the lock is the one installed last.
set -eu
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH

case "${1:-run}" in
  run) lock=requirements.lock stamp=.venv/.lock ;;
  dev) lock=requirements-dev.lock stamp=.venv/.lock-dev ;;
  *) echo "usage: scripts/setup.sh run|dev" >&2; exit 2 ;;
esac
python=.venv/bin/python
suitable='import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info)'

make_venv() {
  rm -rf .venv
  pyenv="${PYENV_ROOT:-$HOME/.pyenv}/versions"
  # Behind pyenv a command of the right name may exist and still refuse to start: each is tried.
  for candidate in python3.13 python3.12 python3.14 python3 \
    "$pyenv"/3.13*/bin/python3 "$pyenv"/3.12*/bin/python3 "$pyenv"/3.14*/bin/python3; do
    if "$candidate" -c "$suitable" 2>/dev/null && "$candidate" -m venv .venv; then
      return
    fi
  done
  if command -v uv >/dev/null && uv venv --quiet --python '>=3.12' .venv 2>/dev/null \
    && "$python" -m ensurepip >/dev/null 2>&1; then
    return
  fi
  rm -rf .venv
  echo "Pursestrings needs Python 3.12 or newer with its venv module (or uv); found none." >&2
  exit 1
}

if ! cmp -s "$lock" "$stamp"; then
  if ! { "$python" -c "$suitable" && "$python" -m pip --version; } >/dev/null 2>&1; then
    make_venv
  fi
  echo "Installing $lock with $("$python" --version) ..."
  "$python" -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
  cp "$lock" "$stamp"
  # The development lock holds everything that the other one does.
  if [ "$lock" = requirements-dev.lock ]; then cp requirements.lock .venv/.lock; fi
fi

if [ ! -e .env ]; then
  (
    umask 077
    "$python" - >.env.new <<'END'
import secrets

print("# Written by `make setup`; .env.example lists every variable.")
print(f"SECRET_KEY={secrets.token_urlsafe(50)}")
print("# Plain http on this machine only: set HTTPS=true before anyone else can reach it.")
print("HTTPS=false")
print("# Mail is printed by the server: name a mail server before anyone else uses it.")
print("MAIL_URL=console://")
print("DEBUG=false")
END
    mv .env.new .env
  )
fi
mkdir -p var
