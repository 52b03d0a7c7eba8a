#include <rt0.h>
#include <stdexcept>
#include <string>

std::string greeting();

static std::string said;

int rt0_runtime_init(int, char **, char **)
{
	said = greeting();
	return 0;
}

extern "C" int speech_length()
{
	try {
		throw std::length_error(said);
	} catch (const std::exception &error) {
		return static_cast<int>(std::string(error.what()).length());
	}
}

extern "C" int speech_version()
{
	return 1;
}
