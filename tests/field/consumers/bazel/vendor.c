static int word;

int vendor_start(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	word = 7;
	return 0;
}

int vendor_word(void)
{
	return word;
}
