/* A fixture: counted memory of which every test must give back all. */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <check.h>

#include "base/memory.h"

static struct rx_memory memory;

static void setup(void)
{
	rx_memory_init(&memory, NULL, 0);
}

static void teardown(void)
{
	ck_assert_uint_eq(memory.used, 0);
}

#endif
