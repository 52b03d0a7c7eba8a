/*
 * CPython in a library. Its threads must be registered (a PyThreadState each), and
 * the registration has to last as long as the thread for threading.local to work:
 * what PyGILState_Ensure alone, in each call, does not give.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <rt0.h>

static _Thread_local PyThreadState *mine;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	Py_InitializeEx(0);
	int result = PyRun_SimpleString("import threading, weakref\n"
					"local = threading.local()\n"
					"ended = 0\n"
					"class Token: pass\n"
					"def end():\n"
					"    global ended\n"
					"    ended += 1\n"
					"def count():\n"
					"    if not hasattr(local, 'calls'):\n"
					"        local.calls = 0\n"
					"        local.token = Token()\n"
					"        weakref.finalize(local.token, end)\n"
					"    local.calls += 1\n"
					"    return local.calls\n");
	PyEval_SaveThread();
	return result == 0 ? 0 : 5;
}

void rt0_thread_attach(void)
{
	mine = PyThreadState_New(PyInterpreterState_Main());
}

void rt0_thread_detach(void)
{
	PyEval_RestoreThread(mine);
	PyThreadState_Clear(mine);
	PyThreadState_DeleteCurrent();
}

/* Value of a Python expression that is an integer. */
long python_eval(const char *expression)
{
	PyEval_RestoreThread(mine);
	PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
	PyObject *value = PyRun_String(expression, Py_eval_input, globals, globals);
	long result = value != NULL ? PyLong_AsLong(value) : -1;
	Py_XDECREF(value);
	mine = PyEval_SaveThread();
	return result;
}
