/*
 * Script arguments: rxr_args_read in its three ways and rxr_args_word. Every answer is an acceptance or a complaint in
 * valid UTF-8 with a place inside the text; what is accepted typed is accepted untyped; reading twice gives the same tree;
 * nothing is leaked.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "runner/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static bool same(const struct rxr_arg *a, const struct rxr_arg *b)
{
	for (; a && b; a = a->next, b = b->next) {
		if (a->kind != b->kind || !rx_str_eq(a->name, b->name))
			return false;
		switch (a->kind) {
		case RXR_ARG_UNIT:
			break;
		case RXR_ARG_BOOL:
			if (a->as.truth != b->as.truth)
				return false;
			break;
		case RXR_ARG_INT:
			if (a->as.number != b->as.number)
				return false;
			break;
		case RXR_ARG_FLOAT:
			if (memcmp(&a->as.real, &b->as.real, sizeof(double)) != 0)
				return false;
			break;
		case RXR_ARG_STRING:
			need(rx_utf8_valid(a->as.text) == a->as.text.len);
			if (!rx_str_eq(a->as.text, b->as.text))
				return false;
			break;
		case RXR_ARG_LIST:
		case RXR_ARG_MAP:
			if (a->as.members.count != b->as.members.count || !same(a->as.members.first, b->as.members.first))
				return false;
			break;
		}
	}
	return !a && !b;
}

static void told(bool ok, const char *complaint)
{
	struct rexi_str text = rx_str_make(complaint, strnlen(complaint, 256));

	need(ok || (text.len && text.len < 256 && rx_utf8_valid(text) == text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str text = rx_str_make((const char *)data, size);
	struct rxr_args typed, again, plain, word;
	struct rx_memory memory;
	struct rx_arena arena;
	char complaint[256];
	bool ok;

	if (rx_utf8_valid(text) != size)
		return 0;
	rx_memory_init(&memory, NULL, 64u << 20);
	rx_arena_init(&arena, &memory);
	rxr_args_init(&typed, &arena);
	rxr_args_init(&again, &arena);
	rxr_args_init(&plain, &arena);
	rxr_args_init(&word, &arena);
	memset(complaint, 0, sizeof(complaint));
	ok = rxr_args_read(&typed, text, true, complaint);
	told(ok, complaint);
	if (ok) {
		need(rxr_args_read(&again, text, true, complaint) && same(typed.first, again.first));
		(void)rxr_args_too_deep(&typed);
		need(rxr_args_read(&plain, text, false, complaint));
	}
	plain.plain = true;
	told(rxr_args_read(&plain, text, false, complaint), complaint);
	told(rxr_args_word(&word, text, complaint), complaint);
	rx_arena_fini(&arena);
	need(memory.used == 0);
	return 0;
}
