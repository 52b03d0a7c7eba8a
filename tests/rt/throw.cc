// Throws through a gate; weak inline and template functions beside it.
#include <rt0.h>

#include <semaphore.h>
#include <stdexcept>
#include <string>

static sem_t go;
static bool is_ready;

static struct constructed {
	constructed()
	{
		sem_init(&go, 0, 0);
	}
} before_init;

extern "C" int rt0_runtime_init(int, char **, char **)
{
	while (sem_wait(&go) != 0)
		;
	is_ready = true;
	return 0;
}

extern "C" RT0_NO_GATE void throw_release()
{
	sem_post(&go);
}

template <class T> T twice(T value)
{
	return value + value;
}

inline int shared_counter()
{
	static int count;
	return ++count;
}

struct shape {
	virtual ~shape()
	{
	}
	virtual int area() const
	{
		return twice(21);
	}
};

shape *make_shape()
{
	return shared_counter() > 0 ? new shape : nullptr;
}

int throw_value(int value)
{
	if (!is_ready)
		return -1;
	throw std::runtime_error("value " + std::to_string(value));
}
