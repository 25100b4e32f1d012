/*
 * Texts and bytes that come from the network: URLs (sdk/url.c), a name server's answers (sdk/dns.c), messages of a bus
 * (sdk/bus.c). The first byte chooses. Invariants: what is read stays inside the input; a URL's normal form is its own, has
 * neither blanks nor controls, and its parts are parts of it.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "sdk/bus.h"
#include "sdk/dns.h"
#include "sdk/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(struct rx_memory *memory, struct rexi_str text)
{
	size_t half = rx_str_find(text, RX_STR("\n"), 0);
	struct rexi_str base_text = rx_str_sub(text, 0, half == SIZE_MAX ? 0 : half);
	struct rxs_url base, url, again;
	bool has_base;

	rxs_url_init(&base, memory);
	rxs_url_init(&url, memory);
	rxs_url_init(&again, memory);
	has_base = base_text.len && rxs_url_parse(&base, base_text, NULL);
	if (rxs_url_parse(&url, half == SIZE_MAX ? text : rx_str_sub(text, half + 1, SIZE_MAX), has_base ? &base : NULL)) {
		struct rexi_str normal = rx_buf_view(&url.text);

		for (size_t i = 0; i < normal.len; i++)
			RX_ASSERT((unsigned char)normal.ptr[i] > ' ' && (unsigned char)normal.ptr[i] < 127);
		RX_ASSERT(url.host.len && url.path.len && url.path.ptr[0] == '/' && url.path.len <= url.target.len);
		RX_ASSERT(url.target.ptr + url.target.len == normal.ptr + normal.len);
		RX_ASSERT(rxs_url_parse(&again, normal, NULL) && rx_str_eq(rx_buf_view(&again.text), normal) && again.user.len == 0 &&
			  again.port == url.port && again.secure == url.secure);
	}
	rxs_url_fini(&base);
	rxs_url_fini(&url);
	rxs_url_fini(&again);
}

static bool count(void *user, const struct rxs_address *address)
{
	(void)address;
	return ++*(unsigned *)user < 100;
}

static void check_dns(struct rx_memory *memory, struct rexi_str answer)
{
	struct rx_buf question, whole;
	unsigned found = 0;

	rx_buf_init(&question, memory, 0);
	rx_buf_init(&whole, memory, 0);
	RX_ASSERT(rxs_dns_question(&question, 0, RX_STR("a.b"), RXS_DNS_A));
	(void)rxs_dns_answer(rx_buf_view(&question), answer, RXS_DNS_A, count, &found);
	/* behind a good head, where it gets further */
	rx_buf_bytes(&whole, question.ptr, question.len);
	whole.ptr[2] = (char)0x80;
	whole.ptr[7] = (char)(answer.len & 15);
	rx_buf_str(&whole, answer);
	(void)rxs_dns_answer(rx_buf_view(&question), rx_buf_view(&whole), RXS_DNS_A, count, &found);
	rx_buf_fini(&question);
	rx_buf_fini(&whole);
}

static bool look(void *user, struct rexi_str name, const struct rxs_bus_value *value)
{
	struct rexi_str text;
	size_t *sum = user;

	*sum += name.len;
	for (size_t at = 0; rxs_bus_next_text(value, &at, &text);)
		*sum += text.len;
	return true;
}

static void check_bus(struct rexi_str bytes)
{
	struct rxs_bus_message message;
	struct rxs_bus_value value;
	size_t sum = 0;

	if (!rxs_bus_parse(bytes, &message))
		return;
	RX_ASSERT(message.body.len <= bytes.len);
	if (rxs_bus_first(&message, &value) && value.type == 's')
		RX_ASSERT(value.text.len <= bytes.len);
	(void)rxs_bus_properties(&message, look, &sum);
	message.signature = RX_STR("a{sv}");
	(void)rxs_bus_properties(&message, look, &sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rx_memory memory;
	struct rexi_str rest;

	if (size == 0)
		return 0;
	rest = rx_str_make((const char *)data + 1, size - 1);
	rx_memory_init(&memory, NULL, 0);
	switch (data[0] % 3) {
	case 0:
		check_url(&memory, rest);
		break;
	case 1:
		check_dns(&memory, rest);
		break;
	default:
		check_bus(rest);
		break;
	}
	RX_ASSERT(memory.used == 0);
	return 0;
}
