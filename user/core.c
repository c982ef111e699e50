// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory dumps. libkdumpfile knows their formats; here each page that is in one is
 * looked at for what a map or a ring begins with. That needs neither symbols nor debug
 * info, and no more memory than what the rings of a recorder held and the largest one.
 *
 * A machine that was booted again without its memory being cleared may have left more
 * than one recorder: the newest comes first. And as whoever ran a program there may have
 * left what looks like one, all of them are written, up to a bound.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "core.h"
#include "extent.h"
#include "flat.h"
#include "folder.h"
#include "kdump.h"
#include "print.h"
#include "recorders.h"
#include "target.h"

#define DEFAULT_REASON	"panic"

/**
 * struct core - a memory dump
 * @path: its name
 * @lib: libkdumpfile
 * @ctx: its own
 * @fd: of the file
 * @pages: which pages are there
 * @memory: how they are read
 * @damaged: a page could not be read, which was told
 * @told: when progress was told, in s; 0: it isn't
 * @recorders: what was found in it
 */
struct core {
	const char *path;
	struct kdump lib;
	kdump_ctx_t *ctx;
	int fd;
	kdump_bmp_t *pages;
	struct image_memory memory;
	bool damaged;
	time_t told;
	struct recorders recorders;
};

static int kdump_failed(const struct core *core, const char *doing)
{
	const char *why = core->lib.kdump_get_err(core->ctx);

	print_warning("%s: cannot %s: %s", core->path, doing,
		      why ? why : "no reason given");
	return EXIT_OTHER;
}

static int memory_failed(void)
{
	warn("reading a memory dump");
	return EXIT_OTHER;
}

/* The next page that is there, from @frame on. */
static bool find_page(struct core *core, uint64_t from, uint64_t *frame)
{
	kdump_addr_t at = from;

	if (from > KDUMP_ADDR_MAX / core->memory.page_size ||
	    core->lib.kdump_bmp_find_set(core->pages, &at))
		return false;
	*frame = at;
	return at >= from;
}

/* Of a page that is there. In a file that is damaged or cut short others may be whole. */
static bool read_there(struct core *core, uint64_t frame, void *to, size_t size)
{
	size_t page_size = core->memory.page_size, len = size;

	switch (core->lib.kdump_read(core->ctx, KDUMP_MACHPHYSADDR,
				     frame * page_size, to, &len)) {
	case KDUMP_OK:
		return true;
	case KDUMP_ERR_NODATA:
		return false;
	default:
		if (!core->damaged)
			kdump_failed(core, "read all of it");
		core->damaged = true;
		return false;
	}
}

/* A struct image_memory's read(). In an ELF file, what isn't there reads as zeroes. */
static bool read_page(void *arg, uint64_t frame, void *to, size_t size)
{
	uint64_t found;

	return find_page(arg, frame, &found) && found == frame &&
	       read_there(arg, frame, to, size);
}

/* As in the library's header, where it isn't loaded as it is here. */
static bool get_number(struct core *core, const char *key, uint64_t *value)
{
	kdump_attr_t attr = { .type = KDUMP_NUMBER };

	if (core->lib.kdump_get_typed_attr(core->ctx, key, &attr))
		return false;
	*value = attr.val.number;
	return true;
}

static bool set_number(struct core *core, const char *key, uint64_t value)
{
	kdump_attr_t attr = { .type = KDUMP_NUMBER, .val.number = value };

	return !core->lib.kdump_set_attr(core->ctx, key, &attr);
}

/*
 * Mapped, a file that is shorter than it says, as one is that filled its disk, would end
 * us by a signal; and all of it would count as our memory. /proc/vmcore is as long as it
 * says, and much faster so.
 */
static bool give_file(struct core *core)
{
	struct statfs fs;

	if ((fstatfs(core->fd, &fs) || fs.f_type != PROC_SUPER_MAGIC) &&
	    !set_number(core, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER))
		return false;
	return set_number(core, KDUMP_ATTR_FILE_FD, core->fd);
}

/* libkdumpfile doesn't read these. */
static int arrange(struct core *core, const char *folder)
{
	int err, fd;

	if (!flat_is(core->fd))
		return EXIT_OK;
	err = flat_arrange(core->fd, folder, &fd);
	if (err && err != -EBADMSG) {
		print_warning("%s: cannot make what can be read out of the flattened dump, in %s: %s",
			      core->path, folder, strerror(-err));
		return folder_status(err);
	}
	if (err)
		print_warning("%s: the flattened dump is damaged or cut short",
			      core->path);
	close(core->fd);
	core->fd = fd;
	return EXIT_OK;
}

/* In bytes; 0 where it isn't known, as of a device. */
static uint64_t file_size(const struct core *core)
{
	struct stat st;

	return fstat(core->fd, &st) || st.st_size < 0 ? 0 : st.st_size;
}

/* What a file lacks at its end libkdumpfile takes for zeroes, in an ELF file. */
static void tell_cut(const struct core *core)
{
	uint64_t size = file_size(core), end = extent_of_elf(core->fd);

	if (size && size < end)
		print_warning("%s: cannot read all of it: it has %llu bytes of %llu", core->path,
			      (unsigned long long)size, (unsigned long long)end);
}

/* A bound of them: nothing is compressed better than that. */
static uint64_t nr_pages(const struct core *core, uint64_t page_size)
{
	uint64_t size = file_size(core);

	return size ? size / page_size * 1000 + 1000 : 0;
}

static int open_core(struct core *core, const char *folder)
{
	uint64_t value;
	int status;

	core->fd = open(core->path, O_RDONLY | O_CLOEXEC);
	if (core->fd < 0) {
		print_warning("%s: %s", core->path, strerror(errno));
		return errno == EACCES || errno == EPERM ? EXIT_PERMISSION :
							   EXIT_OTHER;
	}
	status = arrange(core, folder);
	if (status)
		return status;
	tell_cut(core);
	core->ctx = core->lib.kdump_new();
	if (!core->ctx)
		return memory_failed();
	if (!give_file(core))
		return kdump_failed(core, "be read as a memory dump, ELF or makedumpfile's");
	if (get_number(core, KDUMP_ATTR_BYTE_ORDER, &value) &&
	    value != KDUMP_LITTLE_ENDIAN) {
		print_warning("%s is of a big-endian machine: little-endian ones are accepted",
			      core->path);
		return EXIT_OTHER;
	}
	/* QEMU's of an arm64 doesn't say, and nearly all kernels have this one. */
	if (!get_number(core, KDUMP_ATTR_PAGE_SIZE, &value) &&
	    (!set_number(core, KDUMP_ATTR_PAGE_SIZE, 4096) ||
	     !get_number(core, KDUMP_ATTR_PAGE_SIZE, &value)))
		return kdump_failed(core, "find out its page size");
	if (value < 4096 || value > 65536 || value & (value - 1)) {
		print_warning("%s has pages of %llu bytes: 4096 to 65536 are accepted",
			      core->path, (unsigned long long)value);
		return EXIT_OTHER;
	}
	core->memory = (struct image_memory) {
		.page_size = value,
		.read = read_page,
		.arg = core,
		.nr_pages = nr_pages(core, value),
	};
	core->recorders.memory = &core->memory;
	return EXIT_OK;
}

static void close_core(struct core *core)
{
	recorders_close(&core->recorders);
	if (core->pages)
		core->lib.kdump_bmp_decref(core->pages);
	if (core->ctx)
		core->lib.kdump_free(core->ctx);
	if (core->fd >= 0)
		close(core->fd);
}

static int look_at(struct core *core, uint64_t frame)
{
	uint64_t magic;

	/* It may be there in part only. */
	if (!read_there(core, frame, &magic, sizeof(magic)))
		return 0;
	return recorders_look(&core->recorders, frame, magic);
}

static void tell_progress(struct core *core, uint64_t frame)
{
	time_t now;

	if (!core->told || frame % 4096)
		return;
	now = time(NULL);
	if (now == core->told)
		return;
	core->told = now;
	dprintf(STDERR_FILENO, "\rlooking for the recorder: %.1f GiB ",
		frame * (double)core->memory.page_size / (1 << 30));
}

static void tell_too_many(const struct core *core)
{
	print_warning("%s: cannot read all of it: it says that it has more pages than a file of its size can hold",
		      core->path);
}

/*
 * One by one: where segments overlap, as they do in /proc/vmcore, the library's way to
 * the end of a run of pages may lead back to before its beginning.
 */
static int look_at_all(struct core *core)
{
	uint64_t most = core->memory.nr_pages, frame, next = 0, nr = 0;
	int err = 0;

	while (!err && find_page(core, next, &frame)) {
		/* A device's size isn't known. */
		if (most && nr++ == most) {
			tell_too_many(core);
			break;
		}
		tell_progress(core, frame);
		err = look_at(core, frame);
		next = frame + 1;
	}
	return err;
}

static int scan(struct core *core)
{
	kdump_attr_t pages = { .type = KDUMP_BITMAP };
	int err;

	if (core->lib.kdump_get_typed_attr(core->ctx, KDUMP_ATTR_FILE_PAGEMAP, &pages))
		return kdump_failed(core, "find out which pages are in it");
	core->told = isatty(STDERR_FILENO) ? time(NULL) : 0;
	core->pages = pages.val.bitmap;
	core->lib.kdump_bmp_incref(core->pages);
	err = look_at_all(core);
	if (core->told)
		dprintf(STDERR_FILENO, "\r%40s\r", "");
	return err ? memory_failed() : EXIT_OK;
}

static void tell_missing(const struct core *core, const struct image *image)
{
	if (image->missing)
		print_warning("%s lacks %llu pages of the recorder, or they were left out as zeroes: makedumpfile leaves none of them out with -d 31 or a lower level, and without --config",
			      core->path, (unsigned long long)image->missing);
}

/* At a crash the kernel notes down when, and for no other dump. */
static bool is_crash(struct core *core)
{
	kdump_attr_t linux_os = { .type = KDUMP_STRING, .val.string = "linux" };
	char *when;

	/* What that is depends on the kind of system, which isn't found out by itself. */
	core->lib.kdump_set_attr(core->ctx, KDUMP_ATTR_OSTYPE, &linux_os);
	if (core->lib.kdump_vmcoreinfo_line(core->ctx, "CRASHTIME", &when))
		return false;
	free(when);
	return true;
}

static int write_image(struct core *core, struct image *image,
		       const struct target *target, const char *reason)
{
	struct snapshot snapshot = { .pid = getpid(), .count = 1 };
	struct snapfile file;
	int status, err;

	err = recorders_read(&core->recorders, image);
	if (err)
		return memory_failed();
	status = target_open(target, &file);
	if (status)
		return status;
	tell_missing(core, image);
	image_describe(image, &snapshot);
	snapshot.reason = reason;
	snapshot.trigger = is_crash(core) ||
			   image->map->host.state == TTLOG_STATE_PANIC ?
			   "panic" : "request";
	return target_write(target, &file, &snapshot);
}

static int write_all(struct core *core, const struct target *target,
		     const char *reason)
{
	struct recorders *recorders = &core->recorders;
	size_t i, nr = recorders->nr_images;
	int status = EXIT_OK, err;

	if (!nr) {
		print_warning("%s: no recorder is in it: the module ttlog (of ABI 1.2 or later) wasn't loaded, or its pages were left out, or the file is cut short; makedumpfile leaves none of them out with -d 31 or a lower level, and without --config",
			      core->path);
		return EXIT_NOT_LOADED;
	}
	if (recorders->too_many)
		print_warning("%s: there is more in it that looks like recorders than is looked at: the newest %d, and the first %u rings",
			      core->path, RECORDERS_MAX, RECORDERS_HEADS);
	if (nr > 1 && target->name) {
		print_warning("%s: there are %zu recorders in it: the newest is written; with a folder as output all are",
			      core->path, nr);
		nr = 1;
	}
	/* One that can't be written, or is made up, is no reason to go without another. */
	for (i = 0; i < nr; i++) {
		err = write_image(core, &recorders->images[i], target, reason);
		image_forget(&recorders->images[i]);
		if (err)
			status = err;
	}
	return status;
}

int core_dump(const char *path, const char *output, const char *reason)
{
	struct target target;
	struct core *core;
	int status;

	status = target_find(&target, output);
	if (status)
		return status;
	core = calloc(1, sizeof(*core));
	if (!core)
		return memory_failed();
	core->path = path;
	core->fd = -1;
	status = kdump_load(&core->lib);
	if (!status)
		status = open_core(core, target.folder);
	if (!status)
		status = scan(core);
	if (!status)
		status = write_all(core, &target,
				   reason ? reason : DEFAULT_REASON);
	close_core(core);
	free(core);
	return status;
}
