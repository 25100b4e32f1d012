#include <config.h>

#include "base/str.h"

enum { LONGEST_NAME = 64 };

size_t rx_str_find(struct rexi_str text, struct rexi_str what, size_t from)
{
	const char *at;

	if (from > text.len || what.len > text.len - from)
		return SIZE_MAX;
	if (what.len == 0)
		return from;
	at = memmem(text.ptr + from, text.len - from, what.ptr, what.len);
	return at ? (size_t)(at - text.ptr) : SIZE_MAX;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

size_t rx_str_distance(struct rexi_str a, struct rexi_str b, size_t max)
{
	size_t rows[3][LONGEST_NAME + 1];
	size_t *two_up = rows[0], *up = rows[1], *row = rows[2];
	size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;

	if (a.len > LONGEST_NAME || b.len > LONGEST_NAME || gap > max)
		return max + 1;
	for (size_t j = 0; j <= b.len; j++)
		up[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *spare = two_up;

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t differs = a.ptr[i - 1] != b.ptr[j - 1];

			row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + differs);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
			    two_up[j - 2] + 1 < row[j])
				row[j] = two_up[j - 2] + 1;
		}
		two_up = up;
		up = row;
		row = spare;
	}
	return up[b.len] > max ? max + 1 : up[b.len];
}

struct rexi_str rx_str_nearest(struct rexi_str name, const struct rexi_str *names, size_t count)
{
	struct rexi_str nearest = { NULL, 0 };
	size_t best = name.len / 3 + 1; /* one past the largest distance that counts as near */

	for (size_t i = 0; i < count; i++) {
		size_t distance = rx_str_distance(name, names[i], best);

		if (distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
