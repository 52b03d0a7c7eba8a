#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

extern "C" void throw_release();
int throw_value(int value);
struct shape {
	virtual ~shape();
	virtual int area() const;
};
shape *make_shape();

int main()
{
	std::thread later(throw_release);
	try {
		throw_value(7);
		std::puts("nothing was thrown");
		return 1;
	} catch (const std::runtime_error &error) {
		std::puts(error.what());
	}
	later.join();
	shape *made = make_shape();
	std::printf("area %d\n", made->area());
	delete made;
	return 0;
}
