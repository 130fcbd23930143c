# The shell of one page: types the files named on stdin, and answers on descriptor 9.
set -Eeuo pipefail
trap 'echo "-- exit code $?: $BASH_COMMAND" >&2' ERR
# Those that still run have the descriptor too, so that its end would not be seen; and they go.
trap 'echo ended >&9; kill 0' EXIT

# Exit code 3 says that some orders still run, as they do right after an order.
peps-stac() {
  local code=0
  command peps-stac "$@" || code=$?
  [ "$code" = 3 ] || return "$code"
}

# A server that a reader leaves running: goes on when it has told its address.
served() {
  local said="$PAGE_FOLDER/served.$RANDOM.out" server
  command "$@" >"$said" 2>&1 9>&- &
  server=$!
  until grep -qE "[a-z]+://[0-9.]+:[0-9]+" "$said"; do
    kill -0 "$server" || { cat "$said"; return 1; }
    sleep 0.1
  done
  cat "$said"
}

while read -r how file said; do
  case $how in
    good) . "$file" >"$said" 2>&1 </dev/null ;;
    # At a terminal, as the page has a prompt there; what comes out is the judge, not the code.
    shown) TERM=dumb NO_COLOR=1 script -qefc "bash '$file'" /dev/null >"$said" </dev/null || true ;;
    state) env -0 >"$file" ;;
  esac
  echo "done $PWD" >&9
done
