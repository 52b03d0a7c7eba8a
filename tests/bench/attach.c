/* Thread hooks with nothing to do. */
void rt0_thread_attach(void);
void rt0_thread_detach(void);

void rt0_thread_attach(void)
{
}

void rt0_thread_detach(void)
{
}
