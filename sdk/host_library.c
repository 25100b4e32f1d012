#include <config.h>

#include "sdk/host_library.h"

#if defined(CRYPTO_SONAME) || defined(SSL_SONAME)
#include <dlfcn.h>
#include <string.h>

#include "base/banned.h"

bool rxs_host_library(const char *soname, const char *const *names, size_t count, void *table)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, names[i]);

		if (!function)
			return false;
		memcpy((char *)table + i * sizeof(function), &function, sizeof(function));
	}
	return true;
}

#endif
