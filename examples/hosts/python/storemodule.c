/* A Python extension module over the store: store.find(name), which may wait, and store.is_ready(), which does not. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <store.h>

static PyObject *find(PyObject *module, PyObject *argument)
{
	const char *name = PyUnicode_AsUTF8(argument);
	long number;

	(void)module;
	if (name == NULL)
		return NULL;
	/* Other threads of Python's go on while this one waits in a gate. */
	Py_BEGIN_ALLOW_THREADS;
	number = store_find(name);
	Py_END_ALLOW_THREADS;
	return PyLong_FromLong(number);
}

static PyObject *is_ready(PyObject *module, PyObject *unused)
{
	(void)module, (void)unused;
	return PyBool_FromLong(store_is_ready());
}

static PyMethodDef functions[] = {
	{"find", find, METH_O, "The number of that name, or -1."},
	{"is_ready", is_ready, METH_NOARGS, "Whether find would wait no more."},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "store",
	.m_methods = functions,
};

PyMODINIT_FUNC PyInit_store(void)
{
	return PyModule_Create(&definition);
}
