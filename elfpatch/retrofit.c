#include "retrofit.h"

#include "document.h"
#include "lib/gates.h"
#include "lib/undo.h"
#include "outcome.h"

#include <string.h>

/* One file under work. */
struct work {
	const struct settings *settings;
	struct image image; /* as it is */
	struct patch patch;
	struct outcome outcome;
	transaction_finish *finish; /* null when the patch is all */
	transaction_check *check;
};

/* Plan the patch of a work. With an empty one, and no finish, there is nothing to do. */
typedef bool make_plan(struct work *work, struct why *why);

static bool write_file(struct work *work, struct transaction *transaction, make_plan *plan, struct why *why)
{
	if (!plan(work, why))
		return false;
	if (work->patch.count)
		outcome_of_patch(&work->outcome, &work->patch, &work->image);
	bool is_done = work->settings->is_dry ||
		       transaction_commit(transaction, &work->patch, work->finish, work->check, work, why);
	patch_free(&work->patch);
	return is_done;
}

static bool run(const char *path, const struct settings *settings, struct work *work, make_plan *plan, struct why *why)
{
	struct transaction transaction;

	work->settings = settings;
	if (!transaction_open(path, &settings->write, &transaction, why))
		return false;
	bool is_done = image_open_fd(transaction.fd, path, &work->image, why);
	if (is_done) {
		is_done = write_file(work, &transaction, plan, why);
		image_close(&work->image);
	}
	transaction_close(&transaction);
	if (is_done && settings->is_json)
		is_done = document_print(outcome_document(path, &work->outcome), why);
	else if (is_done)
		outcome_print(path, settings, &work->outcome);
	outcome_free(&work->outcome);
	return is_done;
}

static bool plan_attach(struct work *work, struct why *why)
{
	if (!attach_plan(&work->image, &work->settings->attach, &work->patch, &work->outcome.notes, why))
		return false;
	if (patch_is_empty(&work->patch, &work->image))
		work->finish = NULL;
	return true;
}

static bool finish_attach(const char *path, void *context, struct why *why)
{
	struct work *work = context;

	return attach_finish(path, &work->image, &work->settings->attach, why);
}

bool attach_file(const char *path, const struct settings *settings, struct why *why)
{
	struct work work = {.finish = finish_attach, .check = attach_check};

	return run(path, settings, &work, plan_attach, why);
}

static bool plan_detach(struct work *work, struct why *why)
{
	struct rt0_note note;
	struct why reason;

	if (undo_plan(&work->image, &work->patch, why))
		return true;
	if (why->text[0])
		return false;
	if (image_rt0_note(&work->image, &note, &reason))
		return why_set(why, note.record ? "it was attached, but its section " UNDO_SECTION " is gone"
						: "it was linked with a runtime, not attached");
	return reason.text[0] ? why_set(why, "%s", reason.text) : true;
}

/* What was before is whole again. */
static bool check_detached(const char *path, void *context, struct why *why)
{
	struct image image;
	struct rt0_note note;
	struct why reason;

	(void)context;
	if (!image_open(path, false, &image, &reason))
		return why_set(why, "the result is unsound: %s", reason.text);
	bool is_done = !image_rt0_note(&image, &note, &reason);
	image_close(&image);
	return is_done || why_set(why, "the result has a runtime still");
}

bool detach_file(const char *path, const struct settings *settings, struct why *why)
{
	struct work work = {.check = check_detached};

	return run(path, settings, &work, plan_detach, why);
}

/* Exports that a library wants gated, and how many of them are. */
static bool count_gated(const struct image *image, const struct rt0_note *note, size_t *wanted, size_t *gated,
			struct why *why)
{
	const struct policy policy = {note->policy, note->policy_size};
	struct symbols dynsym;
	struct judge judge;
	bool is_done = judge_open(&judge, &policy, why) && image_dynsym(image, &dynsym, why);

	*wanted = *gated = 0;
	for (size_t i = 1; is_done && i < dynsym.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(image, &dynsym, i, &sym, &name);
		if (judge_export(&judge, image, &sym, name) != EXPORT_GATE)
			continue;
		++*wanted;
		*gated += sym.st_value - image->gates < image->gates_size;
	}
	judge_close(&judge);
	return is_done;
}

static bool plan_gate(struct work *work, struct why *why)
{
	struct rt0_note note;
	size_t wanted, gated, needed;

	work->patch = (struct patch){.size = work->image.size};
	if (!image_rt0_note(&work->image, &note, why))
		return why->text[0] ? false : why_set(why, "no rt0 note: it has no gate pool; see 'attach'");
	const struct policy policy = {note.policy, note.policy_size};
	if (!count_gated(&work->image, &note, &wanted, &gated, why) ||
	    !gates_count(&work->image, &policy, &needed, why))
		return false;
	if (gated == wanted) {
		work->finish = NULL;
		return true;
	}
	if (gated > 0)
		return why_set(why, "%zu of %zu exports are gated: a pool that is in use cannot be filled again", gated,
			       wanted);
	if (needed > note.gate_count)
		return why_set(why, "%zu gates are needed, the pool has %u", needed, note.gate_count);
	work->outcome.written = needed * note.gate_size;
	work->outcome.places = needed;
	return true;
}

static bool fill(struct image *image, struct why *why)
{
	struct gates_filled filled;
	struct rt0_note note;

	if (!image_rt0_note(image, &note, why))
		return false;
	const struct policy policy = {note.policy, note.policy_size};
	return gates_fill(image, &note, &policy, &filled, why) && gates_name(image, &note, why) &&
	       build_id_renew(image, why);
}

static bool finish_gate(const char *path, void *context, struct why *why)
{
	struct image image;

	(void)context;
	if (!image_open(path, true, &image, why))
		return false;
	bool is_done = fill(&image, why);
	image_close(&image);
	return is_done;
}

bool gate_file(const char *path, const struct settings *settings, struct why *why)
{
	struct work work = {.finish = finish_gate, .check = attach_check};

	return run(path, settings, &work, plan_gate, why);
}
