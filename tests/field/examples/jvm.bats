#!/usr/bin/env bats
# The example: a Java virtual machine in a library. Run by `make field-examples`.

folder=jvm
load ../../support
load ../../examples/example

answers="8 threads made 50 calls each, 0 answers were wrong
spell: twelve thousand three hundred forty-five
initials: {e=3113, f=4224, n=2112, o=1101, s=4224, t=5225, z=1}
factorial: 15511210043330985984000000
exception: java.lang.IllegalArgumentException: no number is called 'many'
threads: 1
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
  unset JAVA_TOOL_OPTIONS
}

@test "dlopen returns while Java's start is held, eight threads wait, are attached, call while garbage is collected, and are detached" {
  held "$built/host" "$built/libjplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libjplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "Java's own checks of JNI find nothing wrong" {
  mkfifo hold
  EXAMPLE_HOLD=$PWD/hold JAVA_TOOL_OPTIONS=-Xcheck:jni run -0 timeout 120 "$built/host" "$built/libjplug.so"
  has "$output" 'Picked up JAVA_TOOL_OPTIONS: -Xcheck:jni'
  has_not "$output" 'WARNING|FATAL'
  has "$output" '9 attached, 8 detached'
}

@test "a machine that cannot be made does not stop the load, and is told by the first call" {
  JAVA_TOOL_OPTIONS=-XX:NoSuchOption run -134 --separate-stderr timeout --foreground 120 "$built/host" "$built/libjplug.so"
  has "$stderr" 'rt0: libjplug.so: JNI_CreateJavaVM: -[0-9]+: Invalid argument'
}

@test "a Java program that loads the library is the machine that it runs in" {
  cat >Host.java <<'JAVA'
public class Host {
    static native int call(String function);
    public static void main(String[] arguments) {
        System.load(arguments[0]);
        System.out.println("called: " + call("threads"));
    }
}
JAVA
  cat >native.c <<'C'
#include <jni.h>
#include <jplug.h>
#include <stdlib.h>
JNIEXPORT jint JNICALL Java_Host_call(JNIEnv *env, jclass host, jstring function)
{
	const char *name = (*env)->GetStringUTFChars(env, function, 0);
	char text[120];
	(void)host;
	return jplug_call(name, "", text, sizeof(text)) == 0 ? atoi(text) : -1;
}
C
  home=$(dirname "$(dirname "$(realpath "$(command -v javac)")")")
  cc -shared -fPIC -I"$example" -I"$home/include" -I"$home/include/linux" native.c -o libnative.so -L"$built" -ljplug \
    -Wl,-rpath,"$built"
  javac -d . Host.java
  run -0 --separate-stderr timeout 120 java -cp . Host "$PWD/libnative.so"
  [ "$output" = "called: 0" ] # the calling thread is Java's own, not one called "host"
  [ -z "$stderr" ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libjplug.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
