#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <rt0.h>

#include "hold.h"
#include "pyplug.h"

static const char start_py[] = {
#include "start.py.inc"
	0};

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)
static const char version[] = TEXT(PY_MAJOR_VERSION) "." TEXT(PY_MINOR_VERSION) "."; /* what one binary interface has */

static PyObject *names; /* the namespace of start.py */
static int attached, detached;

/* Put str(object) into `text`, cut to `size` bytes. Where that raises an exception in turn, its type must do. */
static void copy_text(PyObject *object, char *text, size_t size)
{
	PyObject *string = PyObject_Str(object);
	const char *bytes = string != NULL ? PyUnicode_AsUTF8(string) : NULL;

	snprintf(text, size, "%s", bytes != NULL ? bytes : Py_TYPE(object)->tp_name);
	Py_XDECREF(string);
	PyErr_Clear();
}

/* The exception that is set, which is then cleared: "ValueError: no". */
static void copy_exception(char *text, size_t size)
{
	PyObject *type, *value, *traceback;
	char words[200];

	PyErr_Fetch(&type, &value, &traceback);
	PyErr_NormalizeException(&type, &value, &traceback);
	copy_text(value, words, sizeof(words));
	snprintf(text, size, "%s: %s", Py_TYPE(value)->tp_name, words);
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(traceback);
}

/* Starts Python, if the process has none; this thread then holds its lock (the GIL). */
static bool start_interpreter(char *why, size_t size)
{
	PyStatus status;
	PyConfig config;

	/*
	 * Extension modules look for libpython's symbols in the global scope, where a library that was loaded with
	 * RTLD_LOCAL, as plugins are, has not put them.
	 */
	dlopen(PYPLUG_LIBPYTHON, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);

	/* Environment and arguments are the host's, not Python's, and so are the signals. */
	PyConfig_InitIsolatedConfig(&config);
	config.install_signal_handlers = 0;
	config.site_import = 0;
	status = Py_InitializeFromConfig(&config);
	PyConfig_Clear(&config);
	if (PyStatus_Exception(status))
		snprintf(why, size, "%s: %s", status.func != NULL ? status.func : "Python", status.err_msg);
	return !PyStatus_Exception(status);
}

static bool run_start_py(char *why, size_t size)
{
	PyObject *module = PyModule_New("start"), *result;

	if (module == NULL || PyModule_AddObjectRef(module, "__builtins__", PyEval_GetBuiltins()) != 0) {
		copy_exception(why, size);
		return false;
	}
	names = PyModule_GetDict(module);
	Py_INCREF(names);
	result = PyRun_String(start_py, Py_file_input, names, names);
	if (result == NULL)
		copy_exception(why, size);
	Py_XDECREF(result);
	return result != NULL;
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	PyGILState_STATE state = PyGILState_UNLOCKED;
	bool is_guest, is_started;
	char why[120];

	(void)argc, (void)argv, (void)envp;
	hold();
	/* In a Python program there is one already, and its Python's symbols are what this library was bound to. */
	is_guest = Py_IsInitialized();
	if (is_guest && strncmp(Py_GetVersion(), version, strlen(version)) != 0) {
		snprintf(why, sizeof(why), "built for Python " PY_VERSION ", in a process with %.40s", Py_GetVersion());
		rt0_notify_runtime_init_failed(ENOTSUP, why);
		return ENOTSUP;
	}
	if (is_guest)
		state = PyGILState_Ensure();
	is_started = (is_guest || start_interpreter(why, sizeof(why))) && run_start_py(why, sizeof(why));
	if (!is_started)
		rt0_notify_runtime_init_failed(EINVAL, why);
	/* The lock is for whoever calls; this thread has it no longer. */
	if (is_guest)
		PyGILState_Release(state);
	else if (Py_IsInitialized())
		PyEval_SaveThread();
	return is_started ? 0 : EINVAL;
}

/*
 * A thread that Python has not seen needs a thread state. PyGILState_Ensure makes one, and PyGILState_Release deletes
 * it again when it is the last: kept from here until the thread ends, it need not be made for each call.
 *
 * The pointer is kept here as well because at the end of a thread Python's own thread-specific value may be gone before
 * this library is told.
 */
static _Thread_local PyThreadState *made;

void rt0_thread_attach(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
	if (PyGILState_GetThisThreadState() != NULL)
		return; /* a thread of the Python program that is the host */
	PyGILState_Ensure();
	made = PyEval_SaveThread();
}

void rt0_thread_detach(void)
{
	if (made != NULL) {
		PyEval_RestoreThread(made);
		PyThreadState_Clear(made);
		PyThreadState_DeleteCurrent();
		made = NULL;
	}
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

int pyplug_eval(const char *expression, char *result, size_t size)
{
	PyGILState_STATE state = PyGILState_Ensure();
	PyObject *value = PyRun_String(expression, Py_eval_input, names, names);
	int status = value != NULL ? 0 : -1;

	if (value != NULL)
		copy_text(value, result, size);
	else
		copy_exception(result, size);
	Py_XDECREF(value);
	PyGILState_Release(state);
	return status;
}

RT0_NO_GATE int pyplug_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int pyplug_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int pyplug_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
