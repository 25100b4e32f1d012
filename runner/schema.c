#include <config.h>

#include "runner/schema.h"

#include "sdk/schema.h"

struct rexi_str rxr_schema_text(void)
{
	return rxs_schema_text();
}
