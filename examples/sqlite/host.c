/* host LIBRARY: loads the store and asks it. */
#include "host.h"

#include "store.h"

static __typeof__(&store_query) query;
static __typeof__(&store_find) find;

static bool ask(int n)
{
	char sql[80], name[120];

	snprintf(sql, sizeof(sql), "SELECT name FROM numbers WHERE n = %d", n + 1);
	return query(sql, name, sizeof(name)) == 0 && find(name) == n + 1;
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&store_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "store_is_ready");
	__typeof__(&store_attached) attached = (__typeof__(attached))host_symbol(library, "store_attached");
	__typeof__(&store_detached) detached = (__typeof__(detached))host_symbol(library, "store_detached");
	char text[120];

	query = (__typeof__(query))host_symbol(library, "store_query");
	find = (__typeof__(find))host_symbol(library, "store_find");
	host_ask(ask, is_ready);

	printf("find: %ld\n", find("twelve thousand three hundred forty-five"));
	printf("find: %ld\n", find("many"));
	host_check(query("SELECT min(n), name FROM numbers WHERE letters = n", text, sizeof(text)) == 0, text);
	printf("query: %s\n", text);
	host_check(query("DELETE FROM numbers", text, sizeof(text)) != 0, "a write was accepted");
	printf("error: %s\n", text);
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
