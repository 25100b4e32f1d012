#include <config.h>

#include "base/unicode_security.h"

#include "base/compiler.h"
#include "base/unicode_security_tables.h"

#include "base/banned.h"

_Static_assert(SCRIPT_COUNT <= 3 * 64, "a set of scripts is three words");

bool rx_unicode_is_bidi_control(uint32_t code)
{
	return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool rx_unicode_is_identifier(uint32_t code)
{
	size_t mark = 0;
	uint32_t at;

	if (code < 0x80)
		return code >= 0x20 && code < 0x7F;
	while (mark + 1 < RX_COUNT(allowed_marks) && allowed_marks[mark + 1] <= code)
		mark++;
	at = allowed_marks[mark];
	for (size_t i = mark * ALLOWED_MARK; i < RX_COUNT(allowed_steps); i++) {
		at += allowed_steps[i];
		if (code < at)
			return i % 2 == 1;
	}
	return false;
}

void rx_scripts_init(struct rx_scripts *scripts)
{
	for (size_t i = 0; i < RX_COUNT(scripts->bits); i++)
		scripts->bits[i] = UINT64_MAX;
}

/* The number of the set of scripts of a character. */
static uint32_t set_of(uint32_t code)
{
	size_t low = 0, count = RX_COUNT(script_runs);

	while (count > 1) { /* row `low` starts at or before the character */
		size_t half = count / 2;

		if (script_runs[low + half] >> 9 <= code) {
			low += half;
			count -= half;
		} else {
			count = half;
		}
	}
	return script_runs[low] & 0x1FF;
}

static void set_add(struct rx_scripts *set, uint32_t script)
{
	set->bits[script / 64] |= UINT64_C(1) << script % 64;
}

void rx_scripts_add(struct rx_scripts *scripts, uint32_t code)
{
	struct rx_scripts set = { { 0 } };
	uint32_t number = set_of(code);

	if (number == SCRIPT_ALL)
		return;
	if (number >= SCRIPT_FIRST + SCRIPT_COUNT) {
		const uint8_t *list = script_lists + script_list_at[number - SCRIPT_FIRST - SCRIPT_COUNT];

		for (uint32_t i = 1; i <= list[0]; i++)
			set_add(&set, list[i]);
	} else if (number != SCRIPT_NONE) {
		set_add(&set, number - SCRIPT_FIRST);
	}
	for (size_t i = 0; i < RX_COUNT(set.bits); i++)
		scripts->bits[i] &= set.bits[i];
}

bool rx_scripts_is_single(const struct rx_scripts *scripts)
{
	return (scripts->bits[0] | scripts->bits[1] | scripts->bits[2]) != 0;
}
