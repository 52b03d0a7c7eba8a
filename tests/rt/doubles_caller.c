/* A library whose constructor calls that export, so that it takes init over in the middle of the call. */
double eight(double, double, double, double, double, double, double, double);
static int right;
static void __attribute__((constructor)) call(void)
{
	right = eight(1, 10, 100, 1000, 10000, 100000, 1000000, 10000000) == 87654321;
}
void *constructor_result(void)
{
	return (void *)(long)(right ? 42 : 1);
}
