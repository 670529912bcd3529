/* master/folder.c - which names of a folder are known: the index of what waits. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/log.h"
#include "base/mem.h"
#include "master/folder.h"
#include "spool/scan.h"

#define FIRST_SLOTS 4 /* a power of two, like all that follow */

struct folder *
folder_new(const char *rel)
{
	struct folder *folder = mem_alloc(sizeof(*folder));

	folder->rel = mem_dup(rel);
	return folder;
}

void
folder_free(struct folder *folder)
{
	size_t i;

	for (i = 0; i < folder->n_slots; i++)
		if (folder->slots[i] != NULL)
			file_free(folder->slots[i]);
	free(folder->slots);
	free(folder->rel);
	free(folder);
}

/* Where NAME is looked for first. */
static size_t
home_of(const struct folder *folder, const char *name)
{
	return XXH3_64bits(name, strlen(name)) & (folder->n_slots - 1);
}

/* The slot that has NAME, or the empty one where it would be. */
static size_t
slot_of(const struct folder *folder, const char *name)
{
	size_t i = home_of(folder, name);

	while (folder->slots[i] != NULL && strcmp(folder->slots[i]->name, name) != 0)
		i = (i + 1) & (folder->n_slots - 1);
	return i;
}

struct file *
folder_find(const struct folder *folder, const char *name)
{
	return folder->n_slots == 0 ? NULL : folder->slots[slot_of(folder, name)];
}

static void
grow_table(struct folder *folder)
{
	struct file **old = folder->slots;
	size_t n_old = folder->n_slots, i;

	folder->n_slots = n_old == 0 ? FIRST_SLOTS : 2 * n_old;
	folder->slots = mem_alloc(folder->n_slots * sizeof(struct file *));
	for (i = 0; i < n_old; i++)
		if (old[i] != NULL)
			folder->slots[slot_of(folder, old[i]->name)] = old[i];
	free(old);
}

struct file *
folder_add(struct folder *folder, const char *name)
{
	struct file *file;
	size_t slot;

	if (folder->n_files >= folder->n_slots - folder->n_slots / 4)
		grow_table(folder);
	slot = slot_of(folder, name);
	if (folder->slots[slot] != NULL)
		log_panic("folder_add: \"%s\" is known", name);
	file = folder->slots[slot] = file_new(folder, name);
	folder->n_files++;
	return file;
}

/* No search may end at HOLE that goes on behind it: who was pushed on by the one that left moves up. */
static void
close_hole(struct folder *folder, size_t hole)
{
	size_t mask = folder->n_slots - 1;
	size_t i = hole, home;

	while (folder->slots[i = (i + 1) & mask] != NULL) {
		home = home_of(folder, folder->slots[i]->name);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue; /* at home behind the hole */
		folder->slots[hole] = folder->slots[i];
		hole = i;
	}
	folder->slots[hole] = NULL;
}

void
folder_remove(struct folder *folder, struct file *file)
{
	close_hole(folder, slot_of(folder, file->name));
	file_free(file);
	if (--folder->n_files > 0)
		return;
	free(folder->slots);
	folder->slots = NULL;
	folder->n_slots = 0;
}

char *
folder_rel_of(const struct file *file)
{
	return scan_path(file->folder->rel, file->name);
}

bool
folder_orders(const struct file *a, const struct file *b)
{
	int folders = a->folder == b->folder ? 0 : strcmp(a->folder->rel, b->folder->rel);

	return folders != 0 ? folders < 0 : strcmp(a->name, b->name) < 0;
}
