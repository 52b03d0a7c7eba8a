/*
 * A Node addon over the store: require('…/store.node') has find(name), which may wait for the store to be filled, and
 * isReady(), which does not.
 */
#include <node_api.h>
#include <stddef.h>

#include <store.h>

static napi_value find(napi_env env, napi_callback_info info)
{
	char name[200];
	napi_value argument, number;
	size_t count = 1;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
	    napi_get_value_string_utf8(env, argument, name, sizeof(name), NULL) != napi_ok) {
		napi_throw_type_error(env, NULL, "find wants a string");
		return NULL;
	}
	return napi_create_int64(env, store_find(name), &number) == napi_ok ? number : NULL;
}

static napi_value is_ready(napi_env env, napi_callback_info info)
{
	napi_value result;

	(void)info;
	return napi_get_boolean(env, store_is_ready() != 0, &result) == napi_ok ? result : NULL;
}

NAPI_MODULE_INIT()
{
	const napi_property_descriptor functions[] = {
		{.utf8name = "find", .method = find, .attributes = napi_enumerable},
		{.utf8name = "isReady", .method = is_ready, .attributes = napi_enumerable},
	};

	return napi_define_properties(env, exports, 2, functions) == napi_ok ? exports : NULL;
}
