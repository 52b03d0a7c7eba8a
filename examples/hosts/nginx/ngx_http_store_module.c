/*
 * An nginx module over the store: in a location with the directive `store`, /…?NAME is answered with the number of that
 * name (%20 for a space), and the id of the process that answered.
 *
 * The handler runs in nginx's event loop, which a call that waits in a gate holds up. So while the store is being
 * filled the client is told to come again, but for `store wait`.
 */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <store.h>

static char *set_handler(ngx_conf_t *conf, ngx_command_t *command, void *unused);

static ngx_command_t commands[] = {
	{
		.name = ngx_string("store"),
		.type = NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
		.set = set_handler,
	},
	ngx_null_command,
};

static ngx_http_module_t context;

ngx_module_t ngx_http_store_module = {
	NGX_MODULE_V1, .ctx = &context, .commands = commands, .type = NGX_HTTP_MODULE, NGX_MODULE_V1_PADDING,
};

static ngx_int_t answer(ngx_http_request_t *request)
{
	u_char name[120], text[80], *to = name, *from = request->args.data;
	ngx_buf_t *buffer;
	ngx_chain_t out;
	size_t length;
	ngx_int_t status;

	if (request->args.len >= sizeof(name))
		return NGX_HTTP_REQUEST_URI_TOO_LARGE;
	status = ngx_http_discard_request_body(request);
	if (status != NGX_OK)
		return status;
	ngx_unescape_uri(&to, &from, request->args.len, 0);
	*to = '\0';
	length = (size_t)(ngx_snprintf(text, sizeof(text), "%l %P\n", store_find((const char *)name), ngx_getpid()) -
			  text);

	buffer = ngx_create_temp_buf(request->pool, length);
	if (buffer == NULL)
		return NGX_HTTP_INTERNAL_SERVER_ERROR;
	buffer->last = ngx_cpymem(buffer->last, text, length);
	buffer->last_buf = 1;
	buffer->last_in_chain = 1;
	out.buf = buffer;
	out.next = NULL;
	request->headers_out.status = NGX_HTTP_OK;
	request->headers_out.content_length_n = (off_t)length;
	status = ngx_http_send_header(request);
	if (status == NGX_ERROR || status > NGX_OK || request->header_only)
		return status;
	return ngx_http_output_filter(request, &out);
}

static ngx_int_t answer_if_ready(ngx_http_request_t *request)
{
	return store_is_ready() ? answer(request) : NGX_HTTP_SERVICE_UNAVAILABLE;
}

static char *set_handler(ngx_conf_t *conf, ngx_command_t *command, void *unused)
{
	ngx_http_core_loc_conf_t *location = ngx_http_conf_get_module_loc_conf(conf, ngx_http_core_module);
	ngx_str_t *words = conf->args->elts;

	(void)command, (void)unused;
	if (conf->args->nelts == 1)
		location->handler = answer_if_ready;
	else if (ngx_strcmp(words[1].data, "wait") == 0)
		location->handler = answer;
	else
		return "takes nothing or \"wait\"";
	return NGX_CONF_OK;
}
