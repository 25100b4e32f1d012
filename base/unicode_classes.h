/* Groups of general categories that base/unicode.c tells apart; the tables hold their numbers. */
#ifndef RX_UNICODE_CLASSES_H
#define RX_UNICODE_CLASSES_H

enum rx_unicode_group {
	RX_GROUP_OTHER,
	RX_GROUP_ESCAPED,  /* Cc Cs Co Cn Zl Zp Zs */
	RX_GROUP_FORMAT,   /* Cf */
	RX_GROUP_MARK,     /* Mn Me */
	RX_GROUP_SPACING,  /* Mc */
	RX_GROUP_MODIFIER, /* Lm Sk */
	RX_GROUP_CASED,    /* Lu Ll Lt */
};

/* A character's byte: its group, whether it extends the grapheme before it, its width in columns. */
#define RX_UNICODE_GROUP(byte) ((enum rx_unicode_group)((byte) & 7))
#define RX_UNICODE_EXTENDS(byte) ((byte) >> 3 & 1)
#define RX_UNICODE_WIDTH(byte) ((byte) >> 4)
#define RX_UNICODE_BYTE(group, extends, width) ((group) | (extends) << 3 | (width) << 4)

#endif
