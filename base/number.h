/* Numbers from text and to text, without locale. */
#ifndef RX_NUMBER_H
#define RX_NUMBER_H

#include "base/buf.h"

enum rx_number_status { RX_NUMBER_OK, RX_NUMBER_EMPTY, RX_NUMBER_MALFORMED, RX_NUMBER_TOO_LARGE, RX_NUMBER_TOO_SMALL };

/* Optional sign and digits of `radix` (2..36), the whole text, nothing else. */
enum rx_number_status rx_number_parse_i64(struct rexi_str text, unsigned radix, int64_t *out);
/* Digits only. */
enum rx_number_status rx_number_parse_u64(struct rexi_str text, unsigned radix, uint64_t *out);
/*
 * Rust's f64::from_str on the whole text: sign, digits, point, exponent, `inf`, `infinity`, `nan` in any case; `.5`,
 * `5.`; correctly rounded. EMPTY or MALFORMED otherwise.
 */
enum rx_number_status rx_number_parse_f64(struct rexi_str text, double *out);

/* The shortest digits that read back as the same double: digits (no point, no trailing zero) and the decimal exponent,
 * value = 0.D1D2D3... * 10^exponent. x is finite and not 0; sign is ignored. Returns the number of digits, 1..17. */
int rx_number_shortest(double x, char digits[17], int *exponent);

/* Rust's {} of f64: plain notation, no exponent, no ".0"; NaN, inf, -inf. */
void rx_number_plain(struct rx_buf *buf, double x);
/* Rust's {:e}: 1e14, 1.5e-9. */
void rx_number_scientific(struct rx_buf *buf, double x);
/* Rhai's text of a float (print, to_string): plain between 1e-13 and 1e13, with ".0" when integral; "0.0" for -0. */
void rx_number_display(struct rx_buf *buf, double x);
/* Rust's {:?} of f64, used inside containers: plain between 1e-4 and 1e16; "-0.0" for -0. */
void rx_number_debug(struct rx_buf *buf, double x);

#endif
