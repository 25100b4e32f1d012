/* TLS by libssl, loaded when the first https URL is fetched. */
#include <config.h>

#include "sdk/host_net.h"

#include <errno.h>

#include "sdk/session.h"

#ifdef HAVE_SSL

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#ifdef SSL_SONAME
#include "sdk/host_library.h"
#define SSL_LIST(X)                                                                                                      \
	X(SSL_CTX_ctrl) X(SSL_CTX_free) X(SSL_CTX_new) X(SSL_CTX_set_default_verify_paths) X(SSL_CTX_set_verify)          \
	X(SSL_connect) X(SSL_ctrl) X(SSL_free) X(SSL_get0_param) X(SSL_get_error) X(SSL_new) X(SSL_read) X(SSL_set1_host)  \
	X(SSL_set_fd) X(SSL_write) X(TLS_client_method) X(X509_VERIFY_PARAM_set1_ip_asc)
RXS_LAZY(lazy_ssl, SSL_SONAME, SSL_LIST)
#define SSL_CTX_ctrl (*lazy_ssl.SSL_CTX_ctrl)
#define SSL_CTX_free (*lazy_ssl.SSL_CTX_free)
#define SSL_CTX_new (*lazy_ssl.SSL_CTX_new)
#define SSL_CTX_set_default_verify_paths (*lazy_ssl.SSL_CTX_set_default_verify_paths)
#define SSL_CTX_set_verify (*lazy_ssl.SSL_CTX_set_verify)
#define SSL_connect (*lazy_ssl.SSL_connect)
#define SSL_ctrl (*lazy_ssl.SSL_ctrl)
#define SSL_free (*lazy_ssl.SSL_free)
#define SSL_get0_param (*lazy_ssl.SSL_get0_param)
#define SSL_get_error (*lazy_ssl.SSL_get_error)
#define SSL_new (*lazy_ssl.SSL_new)
#define SSL_read (*lazy_ssl.SSL_read)
#define SSL_set1_host (*lazy_ssl.SSL_set1_host)
#define SSL_set_fd (*lazy_ssl.SSL_set_fd)
#define SSL_write (*lazy_ssl.SSL_write)
#define TLS_client_method (*lazy_ssl.TLS_client_method)
#define X509_VERIFY_PARAM_set1_ip_asc (*lazy_ssl.X509_VERIFY_PARAM_set1_ip_asc)
#else
static bool lazy_ssl_load(void)
{
	return true;
}
#endif

#include "base/banned.h"

struct rxs_tls {
	struct rxs_session *session;
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

void rxs_host_tls_end(struct rxs_tls *tls)
{
	if (!tls)
		return;
	if (tls->ssl)
		SSL_free(tls->ssl);
	if (tls->context)
		SSL_CTX_free(tls->context);
	rx_memory_give(tls->session->memory, tls, sizeof(*tls));
}

/* After a call that returned `result` <= 0: 0 to try again, ECONNRESET at the end of the stream, else an errno. */
static int again(struct rxs_tls *tls, int result, uint64_t deadline)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return rxs_host_wait(tls->session, tls->fd, false, deadline);
	case SSL_ERROR_WANT_WRITE:
		return rxs_host_wait(tls->session, tls->fd, true, deadline);
	case SSL_ERROR_ZERO_RETURN:
		return ECONNRESET;
	default:
		return EPROTO;
	}
}

static bool prepare(struct rxs_tls *tls, const char *host, bool host_is_address)
{
	tls->context = SSL_CTX_new(TLS_client_method());
	if (!tls->context || SSL_CTX_set_default_verify_paths(tls->context) != 1 ||
	    SSL_CTX_ctrl(tls->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1)
		return false;
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	tls->ssl = SSL_new(tls->context);
	if (!tls->ssl || SSL_set_fd(tls->ssl, tls->fd) != 1)
		return false;
	if (host_is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), host) == 1;
	return SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)host) == 1 &&
	       SSL_set1_host(tls->ssl, host) == 1;
}

int rxs_host_tls_begin(struct rxs_session *session, int fd, const char *host, bool host_is_address, uint64_t deadline,
		       struct rxs_tls **out)
{
	struct rxs_tls *tls;
	int error = 0, result;

	if (!lazy_ssl_load())
		return ENOSYS;
	tls = (struct rxs_tls *)rx_memory_take_zeroed(session->memory, 1, sizeof(*tls));
	if (!tls)
		return ENOMEM;
	tls->session = session;
	tls->fd = fd;
	if (!prepare(tls, host, host_is_address))
		error = EPROTO;
	while (!error && (result = SSL_connect(tls->ssl)) <= 0)
		error = again(tls, result, deadline);
	if (error)
		rxs_host_tls_end(tls);
	else
		*out = tls;
	return error;
}

int rxs_host_tls_tell(struct rxs_tls *tls, const void *bytes, size_t len, uint64_t deadline)
{
	const char *at = (const char *)bytes;
	int error = 0;

	while (len && !error) {
		int sent = SSL_write(tls->ssl, at, (int)(len < INT32_MAX ? len : INT32_MAX));

		if (sent <= 0) {
			error = again(tls, sent, deadline);
			continue;
		}
		at += sent;
		len -= (size_t)sent;
	}
	return error;
}

int rxs_host_tls_hear(struct rxs_tls *tls, void *bytes, size_t len, size_t *got, uint64_t deadline)
{
	int error = 0;

	*got = 0;
	while (!error) {
		int heard = SSL_read(tls->ssl, bytes, (int)(len < INT32_MAX ? len : INT32_MAX));

		if (heard > 0) {
			*got = (size_t)heard;
			return 0;
		}
		error = again(tls, heard, deadline);
	}
	return error == ECONNRESET ? 0 : error; /* the end, as the server said */
}

#else

#include "base/banned.h"

int rxs_host_tls_begin(struct rxs_session *session, int fd, const char *host, bool host_is_address, uint64_t deadline,
		       struct rxs_tls **out)
{
	(void)session;
	(void)fd;
	(void)host;
	(void)host_is_address;
	(void)deadline;
	(void)out;
	return ENOSYS;
}

int rxs_host_tls_tell(struct rxs_tls *tls, const void *bytes, size_t len, uint64_t deadline)
{
	(void)tls;
	(void)bytes;
	(void)len;
	(void)deadline;
	return ENOSYS;
}

int rxs_host_tls_hear(struct rxs_tls *tls, void *bytes, size_t len, size_t *got, uint64_t deadline)
{
	(void)tls;
	(void)bytes;
	(void)len;
	(void)got;
	(void)deadline;
	return ENOSYS;
}

void rxs_host_tls_end(struct rxs_tls *tls)
{
	(void)tls;
}

#endif
