/* A library that the plug needs, so its constructor runs before the plug's DT_INIT, and that calls the plug. */
extern int plug_answer(int) __attribute__((weak));

static int result;

static void __attribute__((constructor)) need(void)
{
	result = plug_answer(41);
}

void *constructor_result(void)
{
	return (void *)(long)result;
}
