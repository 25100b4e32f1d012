#include <config.h>

#include "cedar/index.h"

#include "base/banned.h"

void rxc_index_free(struct rexi_cedar_policies *set)
{
	set->built = false;
}
