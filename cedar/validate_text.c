/* Texts that may not be what they look like. Source: spec/cedar.md, section 7.12. */
#include <config.h>

#include "cedar/validate_check.h"

#include "base/utf8.h"

#include "base/banned.h"

void rxc_check_texts(struct rxc_check *check)
{
	(void)check;
}
