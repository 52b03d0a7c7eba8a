#include <rt0.h>
#include <string>

static std::string greeting;

int rt0_runtime_init(int, char **, char **)
{
	greeting = "ready";
	return 0;
}

extern "C" int cxx_length()
{
	return static_cast<int>(greeting.length());
}
