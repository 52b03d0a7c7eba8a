# rt0_thread_attach and rt0_thread_detach.
load rt

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  "$ldwrap" cc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/attach.c" -o libattach.so
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/attach_host.c" -o host
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

@test "a library with thread hooks verifies, and its gates go to its functions" {
  run -0 "$elfpatch" verify libattach.so
  [ "$("$elfpatch" show libattach.so | grep -cE '^  gate .* attach_(call|add) -> ')" -eq 2 ]
}

@test "each foreign thread is attached once before its first call passes and detached at its end; the library's own are not" {
  for _ in $(rounds 20); do
    run -0 ./host threads ./libattach.so
  done
}

@test "a thread that never calls is never attached" {
  run -0 ./host bystanders ./libattach.so
}

@test "a thread-specific destructor of the host's that calls in finds its thread attached" {
  for _ in $(rounds 20); do
    run -0 ./host destructors ./libattach.so
  done
}

@test "in a forked child the forking thread stays attached, and new threads are attached anew" {
  run -0 ./host fork ./libattach.so
}

@test "after a failed init no thread is attached" {
  ATTACH_FAILS=1 run -134 --separate-stderr ./host call ./libattach.so
  [ "$(own_words "$stderr")" = 'rt0: libattach.so: rt0_runtime_init failed: Input/output error' ]
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/attach.c" -o libfailed.so --rt0-on-failure=continue
  ATTACH_FAILS=1 run -0 ./host call ./libfailed.so
  [ "$output" = -1 ]
}

@test "attach alone and detach alone are enough" {
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" -DNO_DETACH "$SOURCES/attach.c" -o libalone.so
  run -0 ./host call ./libalone.so
  [ "$output" = 2 ]
  cat >detach.c <<'END'
#include <rt0.h>
static int detached;
void rt0_thread_detach(void)
{
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0;
}
void detach_call(void)
{
}
RT0_NO_GATE int detach_count(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
END
  cat >detach_host.c <<'END'
#include <pthread.h>
#include <stdio.h>
void detach_call(void);
int detach_count(void);
static void *run(void *call)
{
	if (call)
		detach_call();
	return 0;
}
int main(void)
{
	for (int i = 0; i < 10; i++) {
		pthread_t thread;
		pthread_create(&thread, 0, run, i < 7 ? &i : 0);
		pthread_join(thread, 0);
	}
	printf("%d\n", detach_count());
	return 0;
}
END
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" detach.c -o libdetach.so
  cc -O1 detach_host.c -o detach_host -Wl,-rpath,. ./libdetach.so
  run -0 ./detach_host
  [ "$output" = 7 ]
}

@test "the hooks are found wherever they are: objects, archives, bitcode, included sources; stripped or not" {
  local kind
  cc -c -fPIC -O1 -I"$INCLUDE" "$SOURCES/attach.c" -o attach.o
  cc -c -fPIC -O1 -flto -I"$INCLUDE" "$SOURCES/attach.c" -o attach-lto.o
  rm -f libattach.a
  ar rcs libattach.a attach.o
  echo "#include \"$SOURCES/attach.c\" // rt0_runtime_init" >included.c
  "$ldwrap" cc -shared -fPIC -O1 -o libobject.so attach.o
  "$ldwrap" cc -shared -fPIC -O1 -o libarchive.so -Wl,--whole-archive libattach.a -Wl,--no-whole-archive
  "$ldwrap" cc -shared -fPIC -O1 -flto -o liblto.so attach-lto.o
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" -o libsource.so included.c
  "$ldwrap" cc -shared -fPIC -O1 -s -I"$INCLUDE" -o libstripped.so included.c
  for kind in object archive lto source stripped; do
    "$elfpatch" verify "lib$kind.so" >findings || fail "$(cat findings)"
    run -0 ./host threads "./lib$kind.so"
  done
}

@test "a source that only names a hook makes an ordinary library" {
  cat >names.c <<'END'
#include <rt0.h>
/* rt0_thread_attach is not needed here */
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0;
}
int names_answer(void)
{
	return 42;
}
END
  grep -v 'not needed' names.c >without.c
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" names.c -Wl,-soname,x -Wl,--build-id=none -Wl,-s -o libnames.so
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" without.c -Wl,-soname,x -Wl,--build-id=none -Wl,-s -o libwithout.so
  cmp libnames.so libwithout.so
}

@test "without libc the hooks are refused" {
  run -1 --separate-stderr "$ldwrap" cc -shared -fPIC -nostdlib -I"$INCLUDE" "$SOURCES/attach.c" -o libnone.so
  [ "$stderr" = "ldwrap: libnone.so: 'rt0_thread_attach' and 'rt0_thread_detach' need a libc, which tells of a thread's end" ]
  [ ! -e libnone.so ]
}

# bats test_tags=native
@test "CPython keeps its state for each of the host's threads, from their first call to their end" {
  local flags libraries
  read -ra flags <<<"$(pkg-config --cflags python3-embed)"
  read -ra libraries <<<"$(pkg-config --libs python3-embed)"
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" "${flags[@]}" "$SOURCES/python.c" -o libpython-plug.so "${libraries[@]}"
  cc -O1 "$SOURCES/python_host.c" -o python_host
  for _ in $(rounds 10); do
    run -0 ./python_host ./libpython-plug.so
  done
}
