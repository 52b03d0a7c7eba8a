#!/usr/bin/env bats
# Hosts that nobody here wrote, which load the store of examples/sqlite: Python, Node, PostgreSQL, nginx. Run by
# `make field-hosts`; see examples/hosts.

load ../support

name="twelve thousand three hundred forty-five"

setup_file() {
  make -s -C "$root/examples/hosts" RT0KIT="$BUILD" BUILD="$BATS_FILE_TMPDIR/built" >&2
}

setup() {
  hosts=$root/examples/hosts
  built=$BATS_FILE_TMPDIR/built
  PATH=$PATH:/usr/sbin
  cd "$BATS_TEST_TMPDIR" || return
  cluster='' server=''
}

teardown() {
  [ -z "$server" ] || kill -KILL "$server" || true
  if [ -n "$cluster" ]; then
    [ ! -e "$cluster/data/postmaster.pid" ] || "$hosts/postgresql/cluster" stop "$cluster" || true
    rm -rf "$cluster"
  fi
}

# in_python LIBRARY: run the script on stdin, with the extension module, under a limit
in_python() {
  cat >script.py
  LD_LIBRARY_PATH=$built/$1 PYTHONPATH=$built run -0 --separate-stderr timeout 120 /usr/bin/python3 -B script.py
}

# start_nginx LIBRARY MASTER WORKERS
start_nginx() {
  local module=$built/ngx_http_store_module.so
  sed "s|FOLDER|$PWD|; s|MODULE|$module|; s|USER|$(id -un)|; s|MASTER|$2|; s|WORKERS|$3|; s|FOLDER|$PWD|" \
    "$hosts/nginx/nginx.conf" >nginx.conf
  LD_LIBRARY_PATH=$built/$1 nginx -p "$PWD" -c "$PWD/nginx.conf" 2>errors 3>&- &
  server=$!
  until [ -S socket ]; do
    kill -0 "$server" || fail "$(cat errors error.log)"
    sleep 0.01
  done
}

# ask PATH: prints nginx's answer
ask() {
  curl -sS --max-time 120 --unix-socket socket "http://localhost${1// /%20}"
}

# ask_workers: prints the answers of two different workers, without their process ids. Which of them takes a
# connection is their own affair.
ask_workers() {
  local answer number worker
  declare -A answers
  for _ in {1..2000}; do
    answer=$(ask "/wait?$name")
    read -r number worker <<<"$answer"
    answers[$worker]=$number
    [ "${#answers[@]}" -lt 2 ] || break
  done
  echo "${answers[@]}"
}

# stop_nginx: in peace, and nobody has died before
stop_nginx() {
  kill -QUIT "$server"
  wait "$server" || fail "nginx ended with $?"
  server=
  run ! grep -E 'alert|emerg|exited on signal' error.log
}

new_cluster() {
  cluster=$(mktemp -d)
  "$hosts/postgresql/cluster" new "$cluster" "$built/pgstore.so"
}

# start_cluster LIBRARY [SETTING=VALUE…]
start_cluster() {
  "$hosts/postgresql/cluster" start "$cluster" "$built/$1" "${@:2}" 3>&- </dev/null
}

# sql: the session on stdin, under a limit
sql() {
  timeout 120 "$hosts/postgresql/cluster" sql "$cluster" 2>&1
}

# stop_cluster: in peace, and no session has died before
stop_cluster() {
  "$hosts/postgresql/cluster" stop "$cluster"
  run ! grep -E 'terminated by signal|PANIC|FATAL|could not' "$cluster/log"
}

functions="CREATE FUNCTION pg_temp.number(text) RETURNS bigint AS 'pgstore', 'store_number' LANGUAGE C;
CREATE FUNCTION pg_temp.ready() RETURNS boolean AS 'pgstore', 'store_ready' LANGUAGE C;"

@test "Python: import returns while the start is held, other threads run while one waits, and the answers are right" {
  mkfifo hold
  export EXAMPLE_HOLD=$PWD/hold
  in_python self <<PYTHON
import store, threading
print(store.is_ready())
answers = []
callers = [threading.Thread(target=lambda: answers.append(store.find("$name"))) for _ in range(4)]
for caller in callers:
    caller.start()
with open("hold", "w"):
    print(len(answers))
for caller in callers:
    caller.join()
print(answers, store.is_ready(), store.find("many"))
PYTHON
  [ "$output" = $'False\n0\n[12345, 12345, 12345, 12345] True -1' ]
  [ -z "$stderr" ]
}

@test "Python: the child of a fork has what was ready, but not the runtime's own thread, unless it starts its own" {
  in_python self <<PYTHON
import os, store
store.find("one")
child = os.fork()
if child == 0:
    os._exit(0 if store.is_ready() and store.find("$name") == 12345 else 1)
print(os.waitpid(child, 0)[1])
PYTHON
  [ "$output" = 0 ]

  # The library whose calls rt0_runtime_main serves says -2 in a child.
  in_python served <<PYTHON
import os, store
print(store.find("$name"))
child = os.fork()
if child == 0:
    os._exit(0 if store.is_ready() and store.find("$name") == -2 else 1)
print(os.waitpid(child, 0)[1], store.find("$name"))
PYTHON
  [ "$output" = $'12345\n0 12345' ]

  # With --rt0-start=first-call there is nothing to be lost as long as nobody calls before the fork.
  in_python served-worker <<PYTHON
import os, store
children = [os.fork() for _ in range(2)]
if 0 in children:
    os._exit(0 if store.find("$name") == 12345 else 1)
print([os.waitpid(child, 0)[1] for child in children], store.find("$name"))
PYTHON
  [ "$output" = '[0, 0] 12345' ]
}

@test "Node: require returns while the start is held, and the answers are right" {
  mkfifo hold
  cat >script.js <<NODE
const store = require('$built/store.node');
console.log(store.isReady());
require('fs').closeSync(require('fs').openSync('hold', 'w'));
console.log(store.find('$name'), store.isReady(), store.find('many'));
try {
  store.find(1);
} catch (error) {
  console.log(error.message);
}
NODE
  EXAMPLE_HOLD=$PWD/hold LD_LIBRARY_PATH=$built/self run -0 --separate-stderr timeout 120 node script.js
  [ "$output" = $'false\n12345 true -1\nfind wants a string' ]
  [ -z "$stderr" ]
}

@test "Node: a worker thread loads the addon too, and calls the same store" {
  cat >script.js <<NODE
const { Worker, isMainThread, parentPort } = require('worker_threads');
const store = require('$built/store.node');
if (isMainThread) {
  new Worker(__filename).on('message', (answer) => console.log(answer, store.find('$name')));
} else {
  parentPort.postMessage(store.find('$name'));
}
NODE
  LD_LIBRARY_PATH=$built/self run -0 --separate-stderr timeout 120 node script.js
  [ "$output" = "12345 12345" ]
  [ -z "$stderr" ]
}

@test "PostgreSQL: LOAD returns while the start is held, and a session that ends before the start does no harm" {
  new_cluster
  mkfifo "$cluster/hold"
  chmod a+rw "$cluster/hold"
  EXAMPLE_HOLD=$cluster/hold start_cluster self
  run -0 sql <<SQL
LOAD 'pgstore';
$functions
SELECT pg_temp.ready();
\! : >$cluster/hold
SELECT pg_temp.number('$name');
SELECT pg_temp.ready(), pg_temp.number('many');
SQL
  [ "$output" = $'f\n12345\nt|-1' ]
  # The start of this one is held for ever.
  run -0 sql <<<"LOAD 'pgstore';"
  [ -z "$output" ]
  stop_cluster
}

@test "PostgreSQL: each session has what the server has preloaded, or starts its own" {
  local library setting
  new_cluster
  while read -r library setting; do
    start_cluster "$library" "$setting=pgstore"
    for _ in 1 2 3; do
      run -0 sql <<<"$functions SELECT pg_temp.number('$name');"
      [ "$output" = 12345 ]
    done
    stop_cluster
  done <<END
self shared_preload_libraries
worker shared_preload_libraries
served-worker shared_preload_libraries
served session_preload_libraries
END
}

@test "PostgreSQL: a library whose own thread stayed in the server says so in a session, and does not hang" {
  new_cluster
  start_cluster served shared_preload_libraries=pgstore
  run -0 sql <<<"$functions SELECT pg_temp.number('$name');"
  # The server forks soon: where that was before the start had begun, the session has started its own.
  has "$output" '^(-2|12345)$'
  stop_cluster
}

@test "nginx, one process: it serves while the start is held, says that the store is not ready, then answers" {
  mkfifo hold
  EXAMPLE_HOLD=$PWD/hold start_nginx self off 1
  [ "$(ask /up)" = up ]
  has "$(ask "/find?$name")" '503 Service Temporarily Unavailable'
  : >hold
  has "$(ask "/wait?$name")" '^12345 '
  has "$(ask "/find?$name")" '^12345 '
  stop_nginx
}

@test "nginx, master and workers: each worker has the right answers, before and after a reload" {
  local library
  for library in self worker served-worker; do
    start_nginx "$library" on 2
    [ "$(ask_workers)" = "12345 12345" ]
    kill -HUP "$server"
    until grep -q 'gracefully shutting down' error.log; do
      sleep 0.01
    done
    [ "$(ask_workers)" = "12345 12345" ]
    stop_nginx
    rm error.log
  done
}

@test "nginx, master and workers: a library whose own thread stayed in the master says so, and does not hang" {
  start_nginx served on 2
  # The master forks soon: where that was before the start had begun, the worker has started its own.
  has "$(ask_workers)" '^(-2|12345) (-2|12345)$'
  stop_nginx
}

@test "the libraries pass elfpatch verify" {
  local library
  for library in self worker served served-worker; do
    run -0 "$elfpatch" verify "$built/$library/libstore.so"
    has_not "$output" 'warning|error'
  done
}

@test "measure.py has a row for each host" {
  STORE_ROWS=20000 run -0 --separate-stderr timeout 300 python3 -B "$hosts/measure.py" -n 1 "$built"
  [ "$(grep -cE '^\| [^|]+( \| [0-9.]+ ms){4} \|$' <<<"$output")" -eq 8 ]
  [ -z "$stderr" ]
}
