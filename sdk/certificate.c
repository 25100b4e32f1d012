/* Certificates against a root, by libcrypto. Source: sdk-filesystem.md 12.5; W-09: the content is read, so `read` is asked. */
#include <config.h>

#include "sdk/formats.h"

#ifdef HAVE_CRYPTO
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#endif

#include "sdk/builders.h"
#include "sdk/error.h"

#include "base/banned.h"

enum { CERTIFICATE_BYTES_MAX = 16 * 1024 * 1024, INTERMEDIATES_MAX = 1000 };

/* What is asked of a chain beyond the reference's checks (W-52). */
struct demands {
	struct rexi_str host;
	char host_text[256];
	enum { PURPOSE_SERVER, PURPOSE_CLIENT, PURPOSE_ANY } purpose;
	bool has_time, all_roots;
	int64_t time;
};

struct chain {
	struct rxs_session *session;
	struct demands demands;
	struct rx_buf leaf, root;
	struct rx_buf *others; /* one buffer of all the intermediates' files */
};

static enum rexi_status read_file(struct rxs_session *session, struct rxs_file *file, struct rx_buf *out)
{
	const struct rxs_grant *read;

	RX_TRY(rxs_file_may_read(file, &read));
	RX_TRY(rxs_file_bytes(file, read, out));
	rx_buf_byte(out, '\n');
	return out->failed ? rxs_fail(session, RXS_IO_Other,
				      "Certificate parse error: Failed to read certificate file: it is too large") : REXI_OK;
}

#ifdef HAVE_CRYPTO

#ifdef CRYPTO_SONAME
#include "sdk/host_library.h"
#define CRYPTO_LIST(X) \
	X(BIO_free) X(BIO_new_mem_buf) X(CRYPTO_free) \
	X(ERR_clear_error) X(ERR_peek_last_error) X(OPENSSL_sk_new_null) \
	X(OPENSSL_sk_num) X(OPENSSL_sk_pop_free) X(OPENSSL_sk_push) \
	X(OPENSSL_sk_value) X(PEM_read_bio) X(X509_STORE_CTX_free) \
	X(X509_STORE_CTX_get0_param) X(X509_STORE_CTX_get_error) X(X509_STORE_CTX_init) \
	X(X509_STORE_CTX_new) X(X509_STORE_add_cert) X(X509_STORE_free) \
	X(X509_STORE_new) X(X509_VERIFY_PARAM_set1_host) X(X509_VERIFY_PARAM_set1_ip_asc) \
	X(X509_VERIFY_PARAM_set_auth_level) X(X509_VERIFY_PARAM_set_flags) X(X509_VERIFY_PARAM_set_time) \
	X(X509_check_ca) X(X509_free) X(X509_get_extended_key_usage) \
	X(X509_get_extension_flags) X(X509_get_version) X(X509_verify_cert) \
	X(X509_verify_cert_error_string) X(d2i_X509)
RXS_LAZY(lazy_crypto, CRYPTO_SONAME, CRYPTO_LIST)
#define BIO_free (*lazy_crypto.BIO_free)
#define BIO_new_mem_buf (*lazy_crypto.BIO_new_mem_buf)
#define CRYPTO_free (*lazy_crypto.CRYPTO_free)
#define ERR_clear_error (*lazy_crypto.ERR_clear_error)
#define ERR_peek_last_error (*lazy_crypto.ERR_peek_last_error)
#define OPENSSL_sk_new_null (*lazy_crypto.OPENSSL_sk_new_null)
#define OPENSSL_sk_num (*lazy_crypto.OPENSSL_sk_num)
#define OPENSSL_sk_pop_free (*lazy_crypto.OPENSSL_sk_pop_free)
#define OPENSSL_sk_push (*lazy_crypto.OPENSSL_sk_push)
#define OPENSSL_sk_value (*lazy_crypto.OPENSSL_sk_value)
#define PEM_read_bio (*lazy_crypto.PEM_read_bio)
#define X509_STORE_CTX_free (*lazy_crypto.X509_STORE_CTX_free)
#define X509_STORE_CTX_get0_param (*lazy_crypto.X509_STORE_CTX_get0_param)
#define X509_STORE_CTX_get_error (*lazy_crypto.X509_STORE_CTX_get_error)
#define X509_STORE_CTX_init (*lazy_crypto.X509_STORE_CTX_init)
#define X509_STORE_CTX_new (*lazy_crypto.X509_STORE_CTX_new)
#define X509_STORE_add_cert (*lazy_crypto.X509_STORE_add_cert)
#define X509_STORE_free (*lazy_crypto.X509_STORE_free)
#define X509_STORE_new (*lazy_crypto.X509_STORE_new)
#define X509_VERIFY_PARAM_set_auth_level (*lazy_crypto.X509_VERIFY_PARAM_set_auth_level)
#define X509_VERIFY_PARAM_set_flags (*lazy_crypto.X509_VERIFY_PARAM_set_flags)
#define X509_VERIFY_PARAM_set1_host (*lazy_crypto.X509_VERIFY_PARAM_set1_host)
#define X509_VERIFY_PARAM_set1_ip_asc (*lazy_crypto.X509_VERIFY_PARAM_set1_ip_asc)
#define X509_VERIFY_PARAM_set_time (*lazy_crypto.X509_VERIFY_PARAM_set_time)
#define X509_check_ca (*lazy_crypto.X509_check_ca)
#define X509_free (*lazy_crypto.X509_free)
#define X509_get_extended_key_usage (*lazy_crypto.X509_get_extended_key_usage)
#define X509_get_extension_flags (*lazy_crypto.X509_get_extension_flags)
#define X509_get_version (*lazy_crypto.X509_get_version)
#define X509_verify_cert (*lazy_crypto.X509_verify_cert)
#define X509_verify_cert_error_string (*lazy_crypto.X509_verify_cert_error_string)
#define d2i_X509 (*lazy_crypto.d2i_X509)
/* the headers' inline wrappers would call the library directly */
#undef sk_X509_new_null
#undef sk_X509_num
#undef sk_X509_push
#undef sk_X509_value
#undef sk_X509_pop_free
#define sk_X509_new_null() ((STACK_OF(X509) *)OPENSSL_sk_new_null())
#define sk_X509_num(stack) OPENSSL_sk_num((const OPENSSL_STACK *)(stack))
#define sk_X509_push(stack, item) OPENSSL_sk_push((OPENSSL_STACK *)(stack), (item))
#define sk_X509_value(stack, i) ((X509 *)OPENSSL_sk_value((const OPENSSL_STACK *)(stack), (i)))
#define sk_X509_pop_free(stack, release) OPENSSL_sk_pop_free((OPENSSL_STACK *)(stack), (OPENSSL_sk_freefunc)(release))
#else
#define lazy_crypto_load() true
#endif

static RX_COLD enum rexi_status parse_failed(struct rxs_session *session, const char *what)
{
	return rxs_fail(session, RXS_IO_Other, "Certificate parse error: %s", what);
}

/* All certificates of a PEM text; other PEM blocks and text between them are passed over. */
static enum rexi_status read_pem(struct rxs_session *session, const struct rx_buf *text, const char *bad_der,
				 STACK_OF(X509) *out)
{
	BIO *bio = text->len <= INT32_MAX ? BIO_new_mem_buf(text->ptr, (int)text->len) : NULL;
	enum rexi_status status = REXI_OK;

	if (!bio)
		return rxs_fail_memory(session);
	while (status == REXI_OK) {
		char *name = NULL, *header = NULL;
		unsigned char *data = NULL;
		long len = 0;
		if (!PEM_read_bio(bio, &name, &header, &data, &len)) {
			unsigned long code = ERR_peek_last_error();
			if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
				status = parse_failed(session, "Failed to parse PEM certificates: malformed section");
			ERR_clear_error();
			break;
		}
		if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0) {
			const unsigned char *at = data;
			X509 *certificate = d2i_X509(NULL, &at, len);
			if (!certificate)
				status = parse_failed(session, bad_der);
			else if (sk_X509_num(out) >= INTERMEDIATES_MAX || !sk_X509_push(out, certificate)) {
				X509_free(certificate);
				status = parse_failed(session, "Failed to parse PEM certificates: too many");
			}
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	ERR_clear_error();
	BIO_free(bio);
	return status;
}

static RX_COLD enum rexi_status verify_failed(struct rxs_session *session, const char *why)
{
	return rxs_fail(session, RXS_IO_Other, "Certificate verification error: Certificate chain verification failed: %s", why);
}

/* What the reference's verifier adds to path building: no CA as an end entity, and serverAuth where purposes are named. */
static enum rexi_status check_leaf(struct rxs_session *session, const struct demands *demands, X509 *leaf)
{
	unsigned wanted = demands->purpose == PURPOSE_CLIENT ? XKU_SSL_CLIENT : XKU_SSL_SERVER;

	if (X509_get_version(leaf) != 2)
		return parse_failed(session, "Failed to parse end-entity certificate: unsupported version");
	if (X509_check_ca(leaf) == 1)
		return verify_failed(session, "the certificate of an authority is used as an end entity");
	if (demands->purpose != PURPOSE_ANY && (X509_get_extension_flags(leaf) & EXFLAG_XKUSAGE) &&
	    !(X509_get_extended_key_usage(leaf) & wanted))
		return verify_failed(session, demands->purpose == PURPOSE_CLIENT ? "the certificate is not for clients" :
										   "the certificate is not for servers");
	return REXI_OK;
}

/* An address is compared with the addresses of the certificate, anything else with its names. */
static bool demand_host(X509_VERIFY_PARAM *param, const char *host)
{
	return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1 || X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static bool trust(X509_STORE *store, STACK_OF(X509) *roots, bool all)
{
	for (int i = 0; i < (all ? sk_X509_num(roots) : 1); i++)
		if (!X509_STORE_add_cert(store, sk_X509_value(roots, i)))
			return false;
	return true;
}

static enum rexi_status verify(struct chain *chain, STACK_OF(X509) *roots, STACK_OF(X509) *others)
{
	struct rxs_session *session = chain->session;
	const struct demands *demands = &chain->demands;
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	enum rexi_status status = REXI_OK;

	if (!store || !context || !trust(store, roots, demands->all_roots) ||
	    !X509_STORE_CTX_init(context, store, sk_X509_value(others, 0), others)) {
		status = rxs_fail_memory(session);
	} else {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
		/* the root is trusted as it is, self-signed or not */
		(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
		X509_VERIFY_PARAM_set_auth_level(param, 2); /* RSA of 2048 bits, SHA-256: the reference's algorithms */
		if (demands->has_time)
			X509_VERIFY_PARAM_set_time(param, (time_t)demands->time);
		if (demands->host.len && !demand_host(param, demands->host_text))
			status = rxs_fail_memory(session);
		else if (X509_verify_cert(context) != 1)
			status = verify_failed(session, X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
	}
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return status;
}

static enum rexi_status check_chain(struct chain *chain)
{
	struct rxs_session *session = chain->session;
	STACK_OF(X509) *roots, *leaves;
	enum rexi_status status;

	if (!lazy_crypto_load())
		return rxs_fail_not_built(session, "X.509 certificates");
	roots = sk_X509_new_null();
	leaves = sk_X509_new_null();
	status = roots && leaves ? REXI_OK : rxs_fail_memory(session);

	if (status == REXI_OK)
		status = read_pem(session, &chain->root, "Failed to parse root certificate as trust anchor: malformed", roots);
	if (status == REXI_OK && sk_X509_num(roots) == 0)
		status = parse_failed(session, "No certificates found in root CA file");
	if (status == REXI_OK)
		status = read_pem(session, &chain->leaf, "Failed to parse end-entity certificate: malformed", leaves);
	if (status == REXI_OK && sk_X509_num(leaves) == 0)
		status = parse_failed(session, "No certificates found in server certificate file");
	if (status == REXI_OK && chain->others)
		status = read_pem(session, chain->others, "Failed to parse PEM certificates: malformed", leaves);
	if (status == REXI_OK)
		status = check_leaf(session, &chain->demands, sk_X509_value(leaves, 0));
	if (status == REXI_OK)
		status = verify(chain, roots, leaves);
	sk_X509_pop_free(roots, X509_free);
	sk_X509_pop_free(leaves, X509_free);
	return status;
}

#else

static enum rexi_status check_chain(struct chain *chain)
{
	return rxs_fail_not_built(chain->session, "X.509 certificates");
}

#endif

static bool purpose_known(struct rexi_str text, struct demands *out)
{
	if (rx_str_eq(text, RX_STR("server")))
		out->purpose = PURPOSE_SERVER;
	else if (rx_str_eq(text, RX_STR("client")))
		out->purpose = PURPOSE_CLIENT;
	else if (rx_str_eq(text, RX_STR("any")))
		out->purpose = PURPOSE_ANY;
	else
		return false;
	return true;
}

enum rexi_status rxs_check_verify(struct rxs_session *session, const struct rxs_options *options)
{
	struct rexi_str host = rxs_option_str(options, RXS_OPT_VerifyCertOptions_host);
	struct demands demands;

	if (rxs_option_is_set(options, RXS_OPT_VerifyCertOptions_purpose) &&
	    !purpose_known(rxs_option_str(options, RXS_OPT_VerifyCertOptions_purpose), &demands))
		return rxs_fail_text(session, "Validation error: purpose must be server, client or any");
	if (rxs_option_is_set(options, RXS_OPT_VerifyCertOptions_host) &&
	    (host.len == 0 || host.len >= sizeof(demands.host_text) || memchr(host.ptr, '\0', host.len)))
		return rxs_fail_text(session, "Validation error: host must be a host name or an address");
	return REXI_OK;
}

static enum rexi_status read_demands(struct rxs_session *session, struct rxl_call *call, const struct rxl_value *value,
				     struct demands *out)
{
	const struct rxs_options *options = rxs_options_need(call, value);
	const struct rxl_value *time = rxs_option_value(options, RXS_OPT_VerifyCertOptions_time);

	if (rxs_option_is_set(options, RXS_OPT_VerifyCertOptions_purpose))
		(void)purpose_known(rxs_option_str(options, RXS_OPT_VerifyCertOptions_purpose), out);
	out->all_roots = rxs_option_bool(options, RXS_OPT_VerifyCertOptions_all_roots);
	out->host = rxs_option_str(options, RXS_OPT_VerifyCertOptions_host);
	if (out->host.len)
		memcpy(out->host_text, out->host.ptr, out->host.len);
	if (time) {
		struct rxl_value self = rxl_value_copy(time), seconds = rxl_unit();
		enum rexi_status status = rxl_call_named(call, RX_STR("epoch_seconds"), &self, NULL, 0, &seconds);

		rxl_value_drop(call->heap, &self);
		RX_TRY(status);
		if (seconds.type != RXL_INT)
			return rxs_fail(session, RXS_IO_ValidationError, "Validation error: not a time");
		out->has_time = true;
		out->time = seconds.as.i;
	}
	return REXI_OK;
}

static enum rexi_status verify_files(struct rxs_session *session, struct rxl_call *call, struct rxs_file *leaf,
				     struct rxs_file *root, const struct rxl_value *others, const struct rxl_value *options)
{
	struct chain chain = { .session = session };
	struct rx_buf rest;
	enum rexi_status status;

	if (options)
		RX_TRY(read_demands(session, call, options, &chain.demands));
	rx_buf_init(&chain.leaf, session->memory, CERTIFICATE_BYTES_MAX);
	rx_buf_init(&chain.root, session->memory, CERTIFICATE_BYTES_MAX);
	rx_buf_init(&rest, session->memory, CERTIFICATE_BYTES_MAX);
	status = read_file(session, leaf, &chain.leaf);
	if (status == REXI_OK)
		status = read_file(session, root, &chain.root);
	for (size_t i = 0; status == REXI_OK && others && i < rxl_array_count(others); i++) {
		status = read_file(session, rxs_need(call, &rxl_array_items(others)[i], RXS_TYPE_FileHandle), &rest);
		chain.others = &rest;
	}
	if (status == REXI_OK)
		status = check_chain(&chain);
	rx_buf_fini(&chain.leaf);
	rx_buf_fini(&chain.root);
	rx_buf_fini(&rest);
	return status;
}

enum rexi_status rxs_verify_cert(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				 struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	(void)out;
	return verify_files(session, call, rxs_need(call, self, RXS_TYPE_FileHandle),
			    rxs_need(call, &args[0], RXS_TYPE_FileHandle), NULL, argc > 1 ? &args[1] : NULL);
}

enum rexi_status rxs_verify_cert_chain(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				       struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxl_value *others = &args[1];

	(void)out;
	for (size_t i = 0; i < rxl_array_count(others); i++) {
		const struct rxl_value *item = &rxl_array_items(others)[i];
		if (!rxs_payload(call, item, RXS_TYPE_FileHandle))
			return rxl_raise_type(call, "Array<RcFileHandle>", rxl_value_type_name(item));
	}
	return verify_files(session, call, rxs_need(call, self, RXS_TYPE_FileHandle),
			    rxs_need(call, &args[0], RXS_TYPE_FileHandle), others, argc > 2 ? &args[2] : NULL);
}
