/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/vmlinux.h"

#ifdef HAVE_DW

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sigbus.h"
#include "kernel/dwarf.h"

#define RELEASE_MAX  65
#define BUILD_ID_MAX 64 /* bytes; SHA-1 has 20 */
#define BANNER       "Linux version "

struct vmlinux {
	char *path;
	void *map;
	size_t size;
	struct sigbus_slot *slot;
	Elf *elf;
	GElf_Ehdr header;
	char release[RELEASE_MAX];
	char build_id[2 * BUILD_ID_MAX + 1];
};

/* libelf takes a file in memory for its own and may write to it: the map is private. */
static struct vmc_error *file_map(struct vmlinux *vmlinux, int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return error_system(errno, "cannot read");
	if (!S_ISREG(status.st_mode))
		return error_create(VMC_ERR_FORMAT, "is no regular file");
	if (status.st_size < EI_NIDENT || (uint64_t)status.st_size > SIZE_MAX / 2)
		return error_create(VMC_ERR_FORMAT, "is no ELF file");
	vmlinux->slot = sigbus_slot_take();
	if (!vmlinux->slot)
		return error_create(VMC_ERR_LIMIT, "too many files are mapped already");
	vmlinux->size = (size_t)status.st_size;
	vmlinux->map = mmap(NULL, vmlinux->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (vmlinux->map == MAP_FAILED) {
		vmlinux->map = NULL;
		return error_system(errno, "cannot map");
	}
	sigbus_slot_guard(vmlinux->slot, vmlinux->map, vmlinux->size);
	return NULL;
}

static struct vmc_error *file_open(struct vmlinux *vmlinux)
{
	int fd = open(vmlinux->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_system(errno, "cannot open");

	struct vmc_error *err = file_map(vmlinux, fd);

	(void)close(fd); /* was read */
	return err;
}

static struct vmc_error *elf_open(struct vmlinux *vmlinux)
{
	if (elf_version(EV_CURRENT) == EV_NONE)
		return error_create(VMC_ERR_UNSUPPORTED, "libelf is of another version");
	vmlinux->elf = elf_memory(vmlinux->map, vmlinux->size);
	if (!vmlinux->elf)
		return error_create(VMC_ERR_FORMAT, "libelf: %s", elf_errmsg(-1));
	if (elf_kind(vmlinux->elf) != ELF_K_ELF || !gelf_getehdr(vmlinux->elf, &vmlinux->header))
		return error_create(VMC_ERR_FORMAT, "is no ELF file");
	if (vmlinux->header.e_type != ET_EXEC && vmlinux->header.e_type != ET_DYN)
		return error_create(VMC_ERR_FORMAT,
				    "is no vmlinux: an ELF file of type %u, not an executable",
				    vmlinux->header.e_type);
	return NULL;
}

/* The first section from @after on of that type; NULL when there are no more. */
static Elf_Scn *section_next(struct vmlinux *vmlinux, Elf_Scn *after, uint32_t type,
			     GElf_Shdr *ret_header)
{
	while ((after = elf_nextscn(vmlinux->elf, after))) {
		if (gelf_getshdr(after, ret_header) && ret_header->sh_type == type)
			return after;
	}
	return NULL;
}

static void build_id_print(struct vmlinux *vmlinux, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size && i < BUILD_ID_MAX; i++)
		snprintf(vmlinux->build_id + 2 * i, 3, "%02x", bytes[i]);
}

static void build_id_find(struct vmlinux *vmlinux)
{
	GElf_Shdr header;
	Elf_Scn *section = NULL;

	while ((section = section_next(vmlinux, section, SHT_NOTE, &header))) {
		Elf_Data *data = elf_getdata(section, NULL);
		size_t offset = 0, name, desc;
		GElf_Nhdr note;

		while (data && (offset = gelf_getnote(data, offset, &note, &name, &desc)) > 0) {
			const uint8_t *bytes = data->d_buf;

			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
			    !memcmp(bytes + name, "GNU", sizeof("GNU"))) {
				build_id_print(vmlinux, bytes + desc, note.n_descsz);
				return;
			}
		}
	}
}

/* The bytes that the file has at an address as linked, and how many follow there; NULL for none. */
static const char *bytes_at(struct vmlinux *vmlinux, vmc_vaddr address, size_t *ret_size)
{
	GElf_Shdr header;
	Elf_Scn *section = NULL;

	while ((section = section_next(vmlinux, section, SHT_PROGBITS, &header))) {
		Elf_Data *data;

		if (!(header.sh_flags & SHF_ALLOC) || address < header.sh_addr ||
		    address - header.sh_addr >= header.sh_size)
			continue;
		data = elf_rawdata(section, NULL);
		if (!data || !data->d_buf || address - header.sh_addr >= data->d_size)
			return NULL;
		*ret_size = data->d_size - (size_t)(address - header.sh_addr);
		return (const char *)data->d_buf + (address - header.sh_addr);
	}
	return NULL;
}

static struct vmc_error *release_find(struct vmlinux *vmlinux)
{
	struct kallsyms_query banner = {.name = "linux_banner"};
	const size_t prefix = sizeof(BANNER) - 1;
	const char *text;
	size_t size = 0;

	TRY(vmlinux_find(vmlinux, &banner, 1));
	text = banner.matches ? bytes_at(vmlinux, banner.address, &size) : NULL;
	if (!text || size <= prefix || memcmp(text, BANNER, prefix) != 0)
		return NULL;
	text += prefix;
	size -= prefix;

	const char *end = memchr(text, ' ', size);

	if (end && end - text < RELEASE_MAX)
		memcpy(vmlinux->release, text, (size_t)(end - text));
	return NULL;
}

struct vmc_error *vmlinux_open(const char *path, struct vmlinux **ret_vmlinux)
{
	_cleanup_(vmlinux_close) struct vmlinux *vmlinux = calloc(1, sizeof(*vmlinux));

	if (!vmlinux)
		return error_nomem();
	vmlinux->path = strdup(path);
	if (!vmlinux->path)
		return error_nomem();
	TRY(error_context(file_open(vmlinux), "%s", path));
	TRY(error_context(elf_open(vmlinux), "%s", path));
	build_id_find(vmlinux);
	TRY(release_find(vmlinux));
	TRY(vmlinux_check(vmlinux));
	*ret_vmlinux = take_ptr(vmlinux);
	return NULL;
}

void vmlinux_close(struct vmlinux *vmlinux)
{
	if (!vmlinux)
		return;
	elf_end(vmlinux->elf);
	if (vmlinux->map) {
		sigbus_slot_clear(vmlinux->slot);
		munmap(vmlinux->map, vmlinux->size);
	}
	sigbus_slot_release(vmlinux->slot);
	free(vmlinux->path);
	free(vmlinux);
}

const char *vmlinux_path(const struct vmlinux *vmlinux)
{
	return vmlinux->path;
}

uint16_t vmlinux_machine(const struct vmlinux *vmlinux)
{
	return vmlinux->header.e_machine;
}

struct layout vmlinux_layout(const struct vmlinux *vmlinux)
{
	return (struct layout){
		.big_endian = vmlinux->header.e_ident[EI_DATA] == ELFDATA2MSB,
		.word_size = vmlinux->header.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4,
	};
}

const char *vmlinux_release(const struct vmlinux *vmlinux)
{
	return vmlinux->release;
}

const char *vmlinux_build_id(const struct vmlinux *vmlinux)
{
	return vmlinux->build_id;
}

static bool symbol_is_named_thing(const GElf_Sym *symbol)
{
	unsigned int type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && symbol->st_name &&
	       (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC);
}

static void symbol_match(const GElf_Sym *symbol, const char *name, struct kallsyms_query *queries,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (queries[i].name[0] != name[0] || strcmp(queries[i].name, name) != 0)
			continue;
		if (!queries[i].matches++)
			queries[i].address = symbol->st_value;
	}
}

static void symbols_search(Elf *elf, Elf_Data *data, const GElf_Shdr *header,
			   struct kallsyms_query *queries, size_t count)
{
	size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t symbols = size ? data->d_size / size : 0;
	GElf_Sym symbol;

	for (size_t i = 0; i < symbols && i <= INT32_MAX; i++) {
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !symbol_is_named_thing(&symbol))
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name)
			symbol_match(&symbol, name, queries, count);
	}
}

struct vmc_error *vmlinux_find(struct vmlinux *vmlinux, struct kallsyms_query *queries,
			       size_t count)
{
	GElf_Shdr header;
	Elf_Scn *section = section_next(vmlinux, NULL, SHT_SYMTAB, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;

	for (size_t i = 0; i < count; i++)
		queries[i].matches = 0;
	if (data)
		symbols_search(vmlinux->elf, data, &header, queries, count);
	return vmlinux_check(vmlinux);
}

struct vmc_error *vmlinux_types(struct vmlinux *vmlinux, struct types **ret_types)
{
	_cleanup_(types_destroy) struct types *types = NULL;

	TRY(error_context(dwarf_types_create(vmlinux->elf, &types), "%s", vmlinux->path));
	TRY(vmlinux_check(vmlinux));
	*ret_types = take_ptr(types);
	return NULL;
}

struct vmc_error *vmlinux_check(const struct vmlinux *vmlinux)
{
	if (!sigbus_slot_hit(vmlinux->slot))
		return NULL;
	return error_create(VMC_ERR_TRUNCATED, "%s: became shorter while it was read",
			    vmlinux->path);
}

#else

struct vmc_error *vmlinux_open(const char *path, struct vmlinux **ret_vmlinux)
{
	(void)ret_vmlinux;
	return error_create(VMC_ERR_UNSUPPORTED,
			    "%s: reading a vmlinux is not built in (it needs libdw)", path);
}

void vmlinux_close(struct vmlinux *vmlinux)
{
	(void)vmlinux;
}

const char *vmlinux_path(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return "";
}

uint16_t vmlinux_machine(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return 0;
}

struct layout vmlinux_layout(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return (struct layout){0};
}

const char *vmlinux_release(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return "";
}

const char *vmlinux_build_id(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return "";
}

struct vmc_error *vmlinux_find(struct vmlinux *vmlinux, struct kallsyms_query *queries,
			       size_t count)
{
	(void)vmlinux;
	(void)queries;
	(void)count;
	return NULL;
}

struct vmc_error *vmlinux_types(struct vmlinux *vmlinux, struct types **ret_types)
{
	(void)vmlinux;
	(void)ret_types;
	return NULL;
}

struct vmc_error *vmlinux_check(const struct vmlinux *vmlinux)
{
	(void)vmlinux;
	return NULL;
}

#endif
