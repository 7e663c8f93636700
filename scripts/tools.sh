# Sourced by the other scripts: finds a working uv and a working CPython 3.10, and says what to do when there is none.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX UV_PROJECT_ENVIRONMENT

say() { printf 'marcai: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

platform_is_supported() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
    die "runs on Linux x86-64, and this is $(uname -s) $(uname -m). Use the containers instead: docker compose up (docs/operating.md)."
}

# A name on the PATH is not proof: under pyenv it may be a shim that refuses to run. Before 0.9 it cannot build us.
is_uv() {
  [ -n "$1" ] && [ -x "$1" ] || return 1
  case "$("$1" --version 2>/dev/null)" in
    "uv 0."[0-8].*) return 1 ;;
    "uv "*) return 0 ;;
    *) return 1 ;;
  esac
}
works_as_310() {
  [ -n "$1" ] && [ -x "$1" ] &&
    "$1" -c 'import bz2, ctypes, lzma, sqlite3, ssl, sys, zlib; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null
}

pyenv_versions() { printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}/versions"; }

find_uv() {
  local candidate
  for candidate in "${UV:-}" "$PWD/.tools/bin/uv" "$(command -v uv || true)" "$(pyenv_versions)"/*/bin/uv \
      "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
    if is_uv "$candidate"; then printf '%s\n' "$candidate"; return 0; fi
  done
  return 1
}

install_uv() {
  local python tried=""
  for python in python3 python3.13 python3.12 python3.11 python3.10 python "$(pyenv_versions)"/*/bin/python3; do
    python=$(command -v "$python" 2>/dev/null || true)
    [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || continue
    tried=$python
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      say "installing uv into .tools/ with $python"
      rm -rf .tools && "$python" -m venv .tools && .tools/bin/python -m pip install -q "uv>=0.9,<1" && return 0
    elif "$python" -m pip --version >/dev/null 2>&1; then  # Debian without python3-venv
      say "installing uv into .tools/ with pip of $python"
      rm -rf .tools && "$python" -m pip install -q --target .tools/lib "uv>=0.9,<1" &&
        mkdir -p .tools/bin && ln -s ../lib/bin/uv .tools/bin/uv && return 0
    fi
  done
  [ -n "$tried" ] || die "uv is not here and there is no Python 3.8 or newer to install it with. Install uv (docs.astral.sh/uv) and run make again."
  die "uv could not be installed with $tried: it needs its 'venv' and 'ensurepip' modules (Debian and Ubuntu: apt install python3-venv), or pip, and a package index it can reach. Or install uv itself (docs.astral.sh/uv) and run make again."
}

use_uv() {
  UV=$(find_uv) || { install_uv; UV=$(find_uv) || die "uv was installed into .tools/ and does not run."; }
  export UV
  # Trust whom this machine trusts, as pip does; older versions of uv know the second name only.
  if [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}"
  fi
  # uv does not read pip's settings: an index that was set for pip is meant for uv too.
  if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    local index="${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}"
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
  fi
}

find_310() {
  local candidate
  for candidate in "${PYTHON310:-}" "$(command -v python3.10 || true)" "$(pyenv_versions)"/3.10.*/bin/python3.10 \
      /usr/local/bin/python3.10 /usr/bin/python3.10 /opt/python*/bin/python3.10 /opt/python/*3.10*/bin/python3.10 \
      "$HOME"/.local/share/uv/python/cpython-3.10*/bin/python3.10 \
      "$HOME"/{mini,ana}conda3/{,envs/*/}bin/python3.10 /opt/conda/{,envs/*/}bin/python3.10; do
    if works_as_310 "$candidate"; then printf '%s\n' "$candidate"; return 0; fi
  done
  return 1
}

use_310() {
  if [ -n "${PYTHON310:-}" ] && ! works_as_310 "$PYTHON310"; then
    die "PYTHON310=$PYTHON310 is not a complete CPython 3.10."
  fi
  if UV_PYTHON=$(find_310); then export UV_PYTHON UV_PYTHON_DOWNLOADS=never; return 0; fi
  say "there is no CPython 3.10 here; asking uv to download one"
  env -u UV_PYTHON "$UV" python install 3.10 >&2 && UV_PYTHON=$(env -u UV_PYTHON "$UV" python find --managed-python 3.10) ||
    die "CPython 3.10 is needed and could not be downloaded. Install it (pyenv install 3.10, or the distribution's python3.10 with python3.10-venv, or conda create -n py310 python=3.10) and run make again, with PYTHON310=/path/to/python3.10 when it is in an unusual place."
  export UV_PYTHON
}
