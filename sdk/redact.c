/* The session's redaction dictionary: read once, with the script's own permissions. Source: sdk-filesystem.md 13. */
#include <config.h>

#include "sdk/redact.h"

#include "base/utf8.h"

#include "sdk/error.h"
#include "sdk/fs.h"
#include "sdk/text_lines.h"
#include "sdk/text_redact.h"

#include "base/banned.h"

#define DICTIONARY_DIR "/etc/opt/rex"
#define DICTIONARY_NAME "rex_redaction.config"
#define DICTIONARY DICTIONARY_DIR "/" DICTIONARY_NAME

struct rxs_redaction {
	struct rxs_redactor *redactor;
};

bool rxs_redact_is_dictionary(const struct rxs_path *path)
{
	return rx_str_eq(rxs_path_str(path), RX_STR(DICTIONARY));
}

static enum rexi_status read_dictionary(struct rxs_session *session, struct rx_buf *text)
{
	static const struct rxs_open_dir open_dir = { .follow = true };
	static const struct rxs_open_file open_file = { .read = true };
	const struct rxs_grant *grant;
	struct rxs_dir *dir = NULL;
	struct rxs_file *file = NULL;
	enum rexi_status status;

	status = rxs_dir_open(session, RX_STR(DICTIONARY_DIR), &open_dir, &dir);
	if (status != REXI_OK) {
		rxs_failure_prefix(session, RXS_IO_DirectoryError,
				   "Directory error: Failed to open redaction dictionary directory: ", ": " DICTIONARY_DIR);
		return status;
	}
	status = rxs_file_open(dir, RX_STR(DICTIONARY_NAME), false, &open_file, &file);
	rxs_dir_unref(dir);
	if (status == REXI_OK)
		status = rxs_file_may_read(file, &grant);
	if (status == REXI_OK)
		status = rxs_file_bytes(file, grant, text);
	rxs_file_unref(file);
	if (status != REXI_OK)
		rxs_failure_prefix(session, RXS_IO_FileError, "File error: Failed to open redaction dictionary file: ",
				   ": " DICTIONARY);
	return status;
}

enum rexi_status rxs_redact_load(struct rxs_session *session)
{
	struct rxs_redaction *redaction;
	struct rx_buf bytes, text;
	enum rexi_status status;

	if (session->redaction)
		return REXI_OK;
	rx_buf_init(&bytes, session->memory, session->limits.read_bytes);
	rx_buf_init(&text, session->memory, 0);
	status = read_dictionary(session, &bytes);
	if (status == REXI_OK) {
		redaction = rx_memory_take_zeroed(session->memory, 1, sizeof(*redaction));
		rx_utf8_lossy(&text, rx_buf_view(&bytes));
		if (!redaction || text.failed) {
			status = rxs_fail_memory(session);
		} else {
			status = rxs_redactor_new(session->memory, rx_buf_view(&text), &redaction->redactor);
			if (status == REXI_LIMIT)
				status = rxs_fail(session, RXS_IO_ValidationError,
						  "Validation error: the redaction dictionary has too many templates");
			else if (status != REXI_OK)
				status = rxs_fail_memory(session);
		}
		if (status == REXI_OK)
			session->redaction = redaction;
		else
			rx_memory_give(session->memory, redaction, redaction ? sizeof(*redaction) : 0);
	}
	rx_buf_fini(&bytes);
	rx_buf_fini(&text);
	return status;
}

enum rexi_status rxs_redact_text(struct rxs_session *session, struct rexi_str text, struct rx_buf *out)
{
	RX_TRY(rxs_redact_load(session));
	rxs_redactor_apply(session->redaction->redactor, text, out);
	return out->failed ? rxs_fail_memory(session) : REXI_OK;
}

enum rexi_status rxs_redact_line(struct rxs_session *session, struct rexi_str line, struct rx_buf *out)
{
	RX_TRY(rxs_redact_load(session));
	rx_buf_str(out, rxs_redactor_shows(session->redaction->redactor, line) ? line : RX_STR(RXS_REDACTED));
	return out->failed ? rxs_fail_memory(session) : REXI_OK;
}

void rxs_redact_free(struct rxs_session *session)
{
	if (!session->redaction)
		return;
	rxs_redactor_free(session->redaction->redactor);
	rx_memory_give(session->memory, session->redaction, sizeof(*session->redaction));
	session->redaction = NULL;
}
