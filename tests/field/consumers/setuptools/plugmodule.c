/*
 * A module with a runtime in it. The one whose PyInit is gated waits in its import; the other is there at once, and
 * what needs the runtime waits for it, without Python's lock.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <fcntl.h>
#include <rt0.h>
#include <stdlib.h>
#include <unistd.h>

static int value;

/* Held until there is a byte in the file that PLUG_LATCH names. */
RT0_HIDDEN int plug_start(int argc, char **argv, char **envp)
{
	const char *path = getenv("PLUG_LATCH");
	int latch = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char byte;

	if (argc < 1 || !argv[0] || !envp || latch < 0 || read(latch, &byte, 1) != 1)
		return 22;
	value = 42;
	return close(latch);
}

static PyObject *answer(PyObject *self, PyObject *args)
{
	int factor;

	(void)self;
	if (!PyArg_ParseTuple(args, "i", &factor))
		return NULL;
	PyThreadState *thread = PyEval_SaveThread();
	rt0_wait_runtime_init_done();
	PyEval_RestoreThread(thread);
	if (rt0_init_error())
		return PyErr_Format(PyExc_RuntimeError, "init failed: %d", rt0_init_error());
	return PyLong_FromLong(value * factor);
}

static PyObject *ready(PyObject *self, PyObject *args)
{
	(void)self, (void)args;
	return PyBool_FromLong(rt0_state() == RT0_STATE_OPEN);
}

static PyMethodDef methods[] = {
	{"answer", answer, METH_VARARGS, "42 times the factor"},
	{"ready", ready, METH_NOARGS, "is the runtime initialised?"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "plug", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PLUG_INIT(void)
{
	return PyModule_Create(&module);
}
