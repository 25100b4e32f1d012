/*
 * A main for fuzz targets in ordinary builds: feeds each file named on the command line, or found in the folders named
 * there, to the target. Without arguments it takes the committed corpus, $REXI_SRC/fuzz/corpus/NAME for a program
 * called NAME. So `make check` replays every past find with any compiler.
 */
#include <config.h>

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t len = 0, cap = 0, got;

	if (!file) {
		perror(path);
		return 1;
	}
	do {
		if (len == cap) {
			uint8_t *bigger = realloc(data, cap = cap ? cap * 2 : 4096);

			if (!bigger) {
				free(data);
				fclose(file);
				return 1;
			}
			data = bigger;
		}
		got = fread(data + len, 1, cap - len, file);
		len += got;
	} while (got);
	fclose(file);
	/* exactly as many bytes as the file has, so that a sanitizer sees a read past them */
	uint8_t *exact = malloc(len ? len : 1);

	if (exact) {
		memcpy(exact, data, len);
		LLVMFuzzerTestOneInput(exact, len);
	}
	free(exact);
	free(data);
	return exact ? 0 : 1;
}

static int replay(const char *path, unsigned *count)
{
	char inside[4096];
	struct stat info;
	struct dirent *entry;
	DIR *dir;
	int status = 0;

	if (stat(path, &info) != 0) {
		perror(path);
		return 1;
	}
	if (!S_ISDIR(info.st_mode)) {
		++*count;
		return replay_file(path);
	}
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		status |= replay(inside, count);
	}
	closedir(dir);
	return status;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= replay(argv[i], &count);
	if (argc == 1) {
		const char *source = getenv("REXI_SRC"), *name = strrchr(argv[0], '/');
		char path[4096];

		name = name ? name + 1 : argv[0];
		if (strncmp(name, "lt-", 3) == 0)
			name += 3;
		snprintf(path, sizeof(path), "%s/fuzz/corpus/%s", source ? source : ".", name);
		status = replay(path, &count);
	}
	if (count == 0) {
		fprintf(stderr, "%s: nothing to replay\n", argv[0]);
		return 1;
	}
	printf("replayed %u inputs\n", count);
	return status;
}
