/*
 * Prints base/unicode_classes.inc: what base/unicode.c asks of utf8proc, as tables of a seventh of the size. Runs while
 * rexi is built, so that the programs need not carry the rest.
 */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/unicode_classes.h"

enum { CODES = 0x110000, BLOCK = 128, BLOCKS = CODES / BLOCK, SHIFTS_MAX = 256 };

static uint8_t values[CODES];
static uint8_t first[BLOCKS], kept[BLOCKS][BLOCK];
static struct shift {
	int32_t upper, lower;
} shifts[SHIFTS_MAX];

static enum rx_unicode_group group_of(const utf8proc_property_t *property)
{
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CS: case UTF8PROC_CATEGORY_CO: case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP: case UTF8PROC_CATEGORY_ZS:
		return RX_GROUP_ESCAPED;
	case UTF8PROC_CATEGORY_CF:
		return RX_GROUP_FORMAT;
	case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_ME:
		return RX_GROUP_MARK;
	case UTF8PROC_CATEGORY_MC:
		return RX_GROUP_SPACING;
	case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_SK:
		return RX_GROUP_MODIFIER;
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT:
		return RX_GROUP_CASED;
	default:
		return RX_GROUP_OTHER;
	}
}

static int failed(const char *what)
{
	fprintf(stderr, "unicode_write: %s\n", what);
	return EXIT_FAILURE;
}

/* Blocks of equal contents are printed once. Returns false when they are too many for a byte. */
static bool print_table(const char *name)
{
	size_t count = 0;

	for (size_t block = 0; block < BLOCKS; block++) {
		size_t at = 0;

		while (at < count && memcmp(kept[at], values + block * BLOCK, BLOCK) != 0)
			at++;
		if (at == count && count++ == 256)
			return false;
		memcpy(kept[at], values + block * BLOCK, BLOCK);
		first[block] = (uint8_t)at;
	}
	printf("static const uint8_t %s_blocks[] = {\n", name);
	for (size_t block = 0; block < BLOCKS; block++)
		printf("%u,%s", first[block], block % 32 == 31 ? "\n" : "");
	printf("};\nstatic const uint8_t %s[][%d] = {\n", name, BLOCK);
	for (size_t at = 0; at < count; at++) {
		printf("{");
		for (size_t i = 0; i < BLOCK; i++)
			printf("%u,", kept[at][i]);
		printf("},\n");
	}
	printf("};\n");
	for (size_t code = 0; code < CODES; code++)
		if (kept[first[code / BLOCK]][code % BLOCK] != values[code])
			return false;
	return true;
}

int main(void)
{
	size_t count = 0;

	printf("/* Made by base/unicode_write.c from utf8proc %s. */\n", utf8proc_version());
	for (utf8proc_int32_t code = 0; code < CODES; code++) {
		const utf8proc_property_t *property = utf8proc_get_property(code);
		int width = utf8proc_charwidth(code);

		values[code] = (uint8_t)RX_UNICODE_BYTE((int)group_of(property), property->boundclass == UTF8PROC_BOUNDCLASS_EXTEND,
							width < 0 ? 0 : width);
	}
	if (!print_table("unicode_class"))
		return failed("too many blocks");
	for (utf8proc_int32_t code = 0; code < CODES; code++) {
		struct shift shift = { utf8proc_toupper(code) - code, utf8proc_tolower(code) - code };
		size_t at = 0;

		while (at < count && memcmp(&shifts[at], &shift, sizeof(shift)) != 0)
			at++;
		if (at == count && count++ == SHIFTS_MAX)
			return failed("too many pairs of cases");
		shifts[at] = shift;
		values[code] = (uint8_t)at;
	}
	if (!print_table("unicode_case"))
		return failed("too many blocks");
	printf("static const struct {\n\tint32_t upper, lower;\n} unicode_shifts[] = {\n");
	for (size_t at = 0; at < count; at++)
		printf("{%d,%d},\n", shifts[at].upper, shifts[at].lower);
	printf("};\n");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
