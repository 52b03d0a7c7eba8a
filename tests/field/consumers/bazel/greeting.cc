#include <string>

std::string greeting()
{
	return "ready";
}
