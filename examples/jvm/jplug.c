#include <errno.h>
#include <jni.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rt0.h>

#include "hold.h"
#include "jplug.h"

#define TEXT_TO_TEXT "(Ljava/lang/String;)Ljava/lang/String;"

static const unsigned char plug_class[] = {
#include "Plug.class.inc"
};

static JavaVM *vm;
static jclass plug;
static int attached, detached;

/* The calling thread's view of the virtual machine; null for one that is not attached. */
static JNIEnv *environment(void)
{
	void *env = NULL;

	return (*vm)->GetEnv(vm, &env, JNI_VERSION_1_8) == JNI_OK ? env : NULL;
}

static void copy_string(JNIEnv *env, jstring string, char *text, size_t size)
{
	const char *bytes = string != NULL ? (*env)->GetStringUTFChars(env, string, NULL) : NULL;

	snprintf(text, size, "%s", bytes != NULL ? bytes : "");
	if (bytes != NULL)
		(*env)->ReleaseStringUTFChars(env, string, bytes);
}

/* The exception that is pending, which is then cleared, as toString() has it; false where none is. */
static bool copy_exception(JNIEnv *env, char *text, size_t size)
{
	jthrowable exception = (*env)->ExceptionOccurred(env);
	jmethodID to_string;
	jstring string;
	jclass object;

	if (exception == NULL)
		return false;
	(*env)->ExceptionClear(env);
	object = (*env)->FindClass(env, "java/lang/Object");
	to_string = (*env)->GetMethodID(env, object, "toString", "()Ljava/lang/String;");
	string = (*env)->CallObjectMethod(env, exception, to_string);
	if ((*env)->ExceptionCheck(env)) {
		(*env)->ExceptionClear(env);
		string = NULL;
	}
	copy_string(env, string, text, size);
	return true;
}

/* The machine of this process, or a new one: there cannot be two. The calling thread is then attached to it. */
static JNIEnv *start_vm(char *why, size_t size)
{
	/* Signals for the process to end or to be asked about are the host's. */
	JavaVMOption options[] = {{.optionString = "-Xrs"}, {.optionString = "-XX:+UseSerialGC"}};
	JavaVMInitArgs args = {.version = JNI_VERSION_1_8, .nOptions = 2, .options = options};
	jint status;
	void *env = NULL;
	jsize count = 0;

	status = JNI_GetCreatedJavaVMs(&vm, 1, &count);
	if (status == JNI_OK && count > 0)
		status = (*vm)->AttachCurrentThread(vm, &env, NULL);
	else if (status == JNI_OK)
		status = JNI_CreateJavaVM(&vm, &env, &args);
	if (status != JNI_OK)
		snprintf(why, size, "JNI_CreateJavaVM: %d", (int)status);
	return status == JNI_OK ? env : NULL;
}

/* Define Plug, from the library's own bytes, where the program's classes are, and have it fill its tables. */
static bool start_plug(JNIEnv *env, char *why, size_t size)
{
	jclass loaders = (*env)->FindClass(env, "java/lang/ClassLoader"), local = NULL;
	jmethodID method = (*env)->GetStaticMethodID(env, loaders, "getSystemClassLoader", "()Ljava/lang/ClassLoader;");
	jobject loader = (*env)->CallStaticObjectMethod(env, loaders, method);

	if (!(*env)->ExceptionCheck(env))
		local = (*env)->DefineClass(env, "Plug", loader, (const jbyte *)plug_class, sizeof(plug_class));
	if (local != NULL)
		plug = (*env)->NewGlobalRef(env, local);
	if (plug != NULL)
		method = (*env)->GetStaticMethodID(env, plug, "start", "()V");
	if (plug != NULL && method != NULL)
		(*env)->CallStaticVoidMethod(env, plug, method);
	return !copy_exception(env, why, size);
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char why[120] = "no memory";
	JNIEnv *env;

	(void)argc, (void)argv, (void)envp;
	hold();
	env = start_vm(why, sizeof(why));
	if (env != NULL && start_plug(env, why, sizeof(why)) && plug != NULL)
		return 0;
	rt0_notify_runtime_init_failed(EINVAL, why);
	return EINVAL;
}

/*
 * The init thread is about to end, and a thread of Java's must not do that unsaid. Not in the init: what ran that may
 * have been a thread of the host's, which goes on to call.
 */
void rt0_runtime_main(void)
{
	if (environment() != NULL)
		(*vm)->DetachCurrentThread(vm);
}

static _Thread_local bool is_attached_here; /* not by Java itself, nor by the host */

/* Where that fails, the thread's calls say so. */
void rt0_thread_attach(void)
{
	JavaVMAttachArgs args = {.version = JNI_VERSION_1_8, .name = "host"};
	void *env;

	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
	if (environment() == NULL)
		is_attached_here = (*vm)->AttachCurrentThread(vm, &env, &args) == JNI_OK;
}

void rt0_thread_detach(void)
{
	if (is_attached_here)
		(*vm)->DetachCurrentThread(vm);
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

int jplug_call(const char *function, const char *argument, char *result, size_t size)
{
	JNIEnv *env = environment();
	jobject answer = NULL;
	jmethodID method;
	jstring string;
	bool is_failed;

	if (env == NULL) {
		snprintf(result, size, "this thread could not be attached");
		return -1;
	}
	/* A thread of the host's returns to no Java code, where local references would end. */
	if ((*env)->PushLocalFrame(env, 8) != 0) {
		copy_exception(env, result, size);
		return -1;
	}
	method = (*env)->GetStaticMethodID(env, plug, function, TEXT_TO_TEXT);
	string = method != NULL ? (*env)->NewStringUTF(env, argument) : NULL;
	if (string != NULL)
		answer = (*env)->CallStaticObjectMethod(env, plug, method, string);
	is_failed = copy_exception(env, result, size);
	if (!is_failed)
		copy_string(env, answer, result, size);
	(*env)->PopLocalFrame(env, NULL);
	return is_failed ? -1 : 0;
}

RT0_NO_GATE int jplug_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int jplug_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int jplug_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
