/* URLs in their normal form, and name servers' answers, as rows. */
#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "sdk/dns.h"
#include "sdk/url.h"
#include "tests/memory.h"
#include "tests/suite.h"

/* ---- URLs: RFC 3986; sdk-system.md 10, weakness 2 ---- */

static const struct {
	const char *base, *text, *want; /* want NULL: refused */
	const char *host, *user;
	unsigned port;
} url_rows[] = {
	{ NULL, "http://h", "http://h/", "h", "", 80 },
	{ NULL, "HTTPS://Example.COM:443/A", "https://example.com/A", "example.com", "", 443 },
	{ NULL, "http://h:80", "http://h/", "h", "", 80 },
	{ NULL, "http://h:", "http://h/", "h", "", 80 },
	{ NULL, "http://h:0080/", "http://h/", "h", "", 80 },
	{ NULL, "http://h:8080?q", "http://h:8080/?q", "h", "", 8080 },
	{ NULL, "http://h#f?x", "http://h/", "h", "", 80 },
	{ NULL, "http://a@b@c/", "http://c/", "c", "a@b:", 80 },
	{ NULL, "http://u:p%40@c/", "http://c/", "c", "u:p@", 80 },
	{ NULL, "http://good.example@evil/", "http://evil/", "evil", "good.example:", 80 },
	{ NULL, "http://h/a/./b/../c/..", "http://h/a/", "h", "", 80 },
	{ NULL, "http://h/../../x", "http://h/x", "h", "", 80 },
	{ NULL, "http://h/%2E%2e/x", "http://h/x", "h", "", 80 },
	{ NULL, "http://h/a//b", "http://h/a//b", "h", "", 80 },
	{ NULL, "http://h/%7e%2f%aZ", "http://h/~%2F%25aZ", "h", "", 80 },
	{ NULL, "http://h/\xC3\xA9 <>?\"", "http://h/%C3%A9%20%3C%3E?%22", "h", "", 80 },
	{ NULL, "http://h/%4%%30e?%", "http://h/%254%250e?%25", "h", "", 80 },
	{ NULL, "http://[::1]:8/", "http://[::1]:8/", "[::1]", "", 8 },
	{ NULL, "http://[0:0::1]", "http://[::1]/", "[::1]", "", 80 },
	{ NULL, "http://127.0.0.1", "http://127.0.0.1/", "127.0.0.1", "", 80 },
	{ NULL, " http://h/ ", "http://h/", "h", "", 80 },
	{ NULL, "http://a.b.", "http://a.b./", "a.b.", "", 80 },
	{ NULL, "http:/h", NULL, "", "", 0 },
	{ NULL, "http:h", NULL, "", "", 0 },
	{ NULL, "h/x", NULL, "", "", 0 },
	{ NULL, "", NULL, "", "", 0 },
	{ NULL, "http://", NULL, "", "", 0 },
	{ NULL, "ftp://h/", NULL, "", "", 0 },
	{ NULL, "file:///etc/passwd", NULL, "", "", 0 },
	{ NULL, "http://127.1/", NULL, "", "", 0 },
	{ NULL, "http://0x7f.1", NULL, "", "", 0 },
	{ NULL, "http://2130706433", NULL, "", "", 0 },
	{ NULL, "http://1.2.3.4.5", NULL, "", "", 0 },
	{ NULL, "http://256.1.1.1", NULL, "", "", 0 },
	{ NULL, "http://h%2e/", NULL, "", "", 0 },
	{ NULL, "http://h:65536/", NULL, "", "", 0 },
	{ NULL, "http://h:-1/", NULL, "", "", 0 },
	{ NULL, "http://[::1", NULL, "", "", 0 },
	{ NULL, "http://[127.0.0.1]/", NULL, "", "", 0 },
	{ NULL, "http://::1/", NULL, "", "", 0 },
	{ NULL, "http://a..b/", NULL, "", "", 0 },
	{ NULL, "http://.a/", NULL, "", "", 0 },
	{ NULL, "http://a b/", NULL, "", "", 0 },
	{ NULL, "http://h\\x/", NULL, "", "", 0 },
	{ NULL, "http://h/\r\nX: y", NULL, "", "", 0 },
	{ NULL, "http://\xC3\xA9/", NULL, "", "", 0 },
	{ "http://h:8/a/b?q", "c", "http://h:8/a/c", "h", "", 8 },
	{ "http://h:8/a/b?q", "../../c?d", "http://h:8/c?d", "h", "", 8 },
	{ "http://h:8/a/b?q", "?r", "http://h:8/a/b?r", "h", "", 8 },
	{ "http://h:8/a/b?q", "#f", "http://h:8/a/b?q", "h", "", 8 },
	{ "http://h:8/a/b?q", "", "http://h:8/a/b?q", "h", "", 8 },
	{ "http://h:8/a/b?q", "/x", "http://h:8/x", "h", "", 8 },
	{ "https://h/a", "//other/x", "https://other/x", "other", "", 443 },
	{ "https://h/a", "http://other", "http://other/", "other", "", 80 },
	{ "http://h/a", "https:x", "http://h/x", "h", "", 80 },
	{ "http://h/a", "javascript:x", NULL, "", "", 0 },
	{ "http://u:p@h/a", "b", "http://h/b", "h", "", 80 },
};

START_TEST(test_url)
{
	struct rxs_url base, url;
	bool parsed;

	rxs_url_init(&base, &memory);
	rxs_url_init(&url, &memory);
	if (url_rows[_i].base)
		ck_assert(rxs_url_parse(&base, rx_str(url_rows[_i].base), NULL));
	parsed = rxs_url_parse(&url, rx_str(url_rows[_i].text), url_rows[_i].base ? &base : NULL);
	ck_assert_msg(parsed == (url_rows[_i].want != NULL), "%s", url_rows[_i].text);
	if (parsed) {
		struct rxs_url again;

		ck_assert_str_eq(rx_buf_cstr(&url.text), url_rows[_i].want);
		ck_assert(rx_str_eq(url.host, rx_str(url_rows[_i].host)));
		ck_assert(rx_str_eq(rx_buf_view(&url.user), rx_str(url_rows[_i].user)));
		ck_assert_uint_eq(url.port, url_rows[_i].port);
		ck_assert(url.target.ptr + url.target.len == url.text.ptr + url.text.len && url.path.ptr[0] == '/');
		/* the normal form is its own */
		rxs_url_init(&again, &memory);
		ck_assert(rxs_url_parse(&again, rx_buf_view(&url.text), NULL));
		ck_assert_str_eq(rx_buf_cstr(&again.text), url_rows[_i].want);
		rxs_url_fini(&again);
	}
	rxs_url_fini(&base);
	rxs_url_fini(&url);
}
END_TEST

/* ---- name servers: RFC 1035 ---- */

static struct rx_buf found;

static bool note(void *user, const struct rxs_address *address)
{
	(void)user;
	rxs_address_show(&found, address);
	rx_buf_byte(&found, ' ');
	return true;
}

/* Behind a head of twelve bytes and the question a.b: `q` is a pointer to it. */
#define Q "\xC0\x0C"
#define A4 "\0\1\0\1\0\0\0\0\0\4"
#define CNAME(len) "\0\5\0\1\0\0\0\0\0" len
static const struct {
	const char *label, *flags; /* two bytes */
	unsigned answers;
	const char *bytes;
	size_t len;
	enum rxs_dns_result want;
	const char *addresses;
} dns_rows[] = {
#define ROW(label, flags, answers, bytes, want, addresses) { label, flags, answers, bytes, sizeof(bytes) - 1, want, addresses }
	ROW("one", "\x81\x80", 1, Q A4 "\x0A\0\0\1", RXS_DNS_OK, "10.0.0.1 "),
	ROW("two", "\x81\x80", 2, Q A4 "\x0A\0\0\1" Q A4 "\x0A\0\0\2", RXS_DNS_OK, "10.0.0.1 10.0.0.2 "),
	ROW("none", "\x81\x80", 0, "", RXS_DNS_OK, ""),
	ROW("cname", "\x81\x80", 2, Q CNAME("\4") "\1c\xC0\x0E" "\1c\1b\0" A4 "\x0A\0\0\3", RXS_DNS_OK, "10.0.0.3 "),
	ROW("cname behind its target", "\x81\x80", 2, "\1C\1b\0" A4 "\x0A\0\0\3" Q CNAME("\4") "\1c\xC0\x0E", RXS_DNS_OK, "10.0.0.3 "),
	ROW("another name's", "\x81\x80", 1, "\1x\0" A4 "\x0A\0\0\1", RXS_DNS_OK, ""),
	ROW("cname loop", "\x81\x80", 1, Q CNAME("\2") Q, RXS_DNS_OK, ""),
	ROW("no such name", "\x81\x83", 0, "", RXS_DNS_NO_NAME, ""),
	ROW("server failed", "\x81\x82", 0, "", RXS_DNS_REFUSED, ""),
	ROW("truncated", "\x83\x80", 0, "", RXS_DNS_TRUNCATED, ""),
	ROW("a question, no answer", "\x01\x00", 0, "", RXS_DNS_FOREIGN, ""),
	ROW("record cut off", "\x81\x80", 1, Q "\0\1\0\1", RXS_DNS_REFUSED, ""),
	ROW("data cut off", "\x81\x80", 1, Q A4 "\x0A\0", RXS_DNS_REFUSED, ""),
	ROW("wrong length", "\x81\x80", 1, Q "\0\1\0\1\0\0\0\0\0\2" "\x0A\0", RXS_DNS_OK, ""),
	ROW("pointer to itself", "\x81\x80", 1, "\xC0\x15" A4 "\x0A\0\0\1", RXS_DNS_REFUSED, ""),
	ROW("pointer outside", "\x81\x80", 1, "\xFF\xFF" A4 "\x0A\0\0\1", RXS_DNS_REFUSED, ""),
	ROW("label cut off", "\x81\x80", 1, "\x3F" "abc", RXS_DNS_REFUSED, ""),
	ROW("more announced than there", "\x81\x80", 9, Q A4 "\x0A\0\0\1", RXS_DNS_REFUSED, "10.0.0.1 "),
};

START_TEST(test_dns)
{
	struct rx_buf question, answer;

	rx_buf_init(&question, &memory, 0);
	rx_buf_init(&answer, &memory, 0);
	rx_buf_init(&found, &memory, 0);
	ck_assert(rxs_dns_question(&question, 0x1234, RX_STR("a.b."), RXS_DNS_A));
	ck_assert_uint_eq(question.len, 21);
	rx_buf_bytes(&answer, question.ptr, question.len);
	memcpy(answer.ptr + 2, dns_rows[_i].flags, 2);
	answer.ptr[7] = (char)dns_rows[_i].answers;
	rx_buf_bytes(&answer, dns_rows[_i].bytes, dns_rows[_i].len);
	ck_assert_msg(rxs_dns_answer(rx_buf_view(&question), rx_buf_view(&answer), RXS_DNS_A, note, NULL) == dns_rows[_i].want, "%s",
		      dns_rows[_i].label);
	ck_assert_str_eq(rx_buf_cstr(&found), dns_rows[_i].addresses);
	/* every prefix is survived, and none gives more */
	for (size_t len = 0; len < answer.len; len++) {
		char *copy = malloc(len + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, answer.ptr, len);
		rx_buf_clear(&found);
		(void)rxs_dns_answer(rx_buf_view(&question), rx_str_make(copy, len), RXS_DNS_A, note, NULL);
		ck_assert_uint_le(found.len, strlen(dns_rows[_i].addresses));
		free(copy);
	}
	answer.ptr[0] ^= 1; /* another number */
	ck_assert_int_eq(rxs_dns_answer(rx_buf_view(&question), rx_buf_view(&answer), RXS_DNS_A, note, NULL), RXS_DNS_FOREIGN);
	rx_buf_fini(&question);
	rx_buf_fini(&answer);
	rx_buf_fini(&found);
}
END_TEST

START_TEST(test_dns_names)
{
	char label[80];
	struct rx_buf out;
	static const char *const refused[] = { "", ".", "a..b", ".a", "a b", "\xC3\xA9", "a\tb" };

	rx_buf_init(&out, &memory, 0);
	for (size_t i = 0; i < RX_COUNT(refused); i++)
		ck_assert(!rxs_dns_question(&out, 1, rx_str(refused[i]), RXS_DNS_A));
	memset(label, 'a', sizeof(label));
	ck_assert(rxs_dns_question(&out, 1, rx_str_make(label, 63), RXS_DNS_AAAA));
	ck_assert(!rxs_dns_question(&out, 1, rx_str_make(label, 64), RXS_DNS_AAAA));
	rx_buf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdk");
	TCase *tc = tcase_create("network");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_url, 0, RX_COUNT(url_rows));
	tcase_add_loop_test(tc, test_dns, 0, RX_COUNT(dns_rows));
	tcase_add_test(tc, test_dns_names);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
