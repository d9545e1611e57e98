/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program whose debug information has what that of a kernel has, in small; never run. */

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	unsigned long bits[4];
} nodemask_t;

enum pageflags { PG_locked, PG_lru = 5, PG_head, PG_slab = 11, PG_last = -3 };
enum pagetype { PGTY_buddy = 0xf0, PGTY_offline, PGTY_table = 0xf2 };
enum node_states { N_POSSIBLE, N_ONLINE, NR_NODE_STATES };

struct page {
	unsigned long flags;
	union {
		struct {
			struct list_head lru;
			void *mapping;
		};
		struct {
			unsigned long compound_head;
			unsigned int bits : 4;
		};
	};
	int _mapcount;
	int _refcount;
};

struct free_area {
	struct list_head free_list[6];
	unsigned long nr_free;
};

struct zone {
	const char *const name;
	volatile unsigned long spanned_pages;
	struct free_area free_area[11];
	int matrix[3][4];
};

struct mem_section {
	unsigned long section_mem_map;
};

struct mod_kallsyms {
	void *symtab;
	unsigned int num_symtab;
	char *strtab;
};

struct module {
	int state;
	struct list_head list;
	char name[56];
	struct mod_kallsyms *kallsyms;
};

/* Never completed in this unit. */
struct elsewhere;

/* What rules erase. */
struct item {
	int number;
	char name[4];
	struct item *next;
	char *text;
	void *any;
};

const char linux_banner[] = "Linux version 6.99-test (builder@host) #1";
unsigned long _stext = 1;
nodemask_t node_states[NR_NODE_STATES];
struct zone first_zone = {.name = "DMA"};
struct mem_section mem_section[8];
struct elsewhere *unknown;
char init_uts_ns[512] = "as long as the one of a dump";
struct list_head modules = {&modules, &modules};
struct item one_item = {.number = 5};
struct item *first_item = &one_item;
struct module *a_module;
char *saved_command_line;
struct page pages[2];
static int twice __attribute__((used));
extern int declared;
int declared = 3;
enum pageflags a_flag;
enum pagetype a_type;
enum node_states a_state; /* clang keeps what is used */
