/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes: where they are found, and what is no node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "built_kernel.h"
#include "pages/nodes.h"

#define NODE_DATA  0x130000u
#define ONLINE_MAP 0x131000u
#define GARBAGE    0x2be1u /* what lies behind the array */

/* A kernel with NUMA: node_data has @entries, of which nobody says how many they are. */
static void start(struct built_kernel *kernel, uint64_t online, unsigned int entries)
{
	built_kernel_create(kernel, "");
	for (unsigned int i = 0; i < entries; i++)
		memory_put64(kernel, NODE_DATA + i * 8, IMAGE(PGDAT));
	for (unsigned int i = entries; i < 200; i++)
		memory_put64(kernel, NODE_DATA + i * 8, GARBAGE);
	memory_put64(kernel, ONLINE_MAP, online);
	built_kernel_open(kernel);

	struct facts *facts = &kernel->target->facts;

	facts->table[FACT_SYMBOL_contig_page_data].source = VMC_FACT_UNKNOWN;
	facts->table[FACT_LENGTH_node_data].source = VMC_FACT_UNKNOWN;
	fact_set(facts, FACT_SYMBOL_node_data, IMAGE(NODE_DATA), VMC_FACT_USER, NULL);
	fact_set(facts, FACT_SYMBOL_node_online_map, IMAGE(ONLINE_MAP), VMC_FACT_USER, NULL);
	fact_set(facts, FACT_SIZE_nodemask_t, 8, VMC_FACT_USER, NULL);
}

static size_t count_nodes(struct built_kernel *kernel, uint32_t *ret_last_id)
{
	struct target_reader *reader;
	struct node *nodes = NULL;
	size_t count;

	succeed(target_reader_create(kernel->target, &reader));
	succeed(nodes_list(reader, &nodes, &count));
	*ret_last_id = count ? nodes[count - 1].id : 0;
	free(nodes);
	target_reader_destroy(reader);
	return count;
}

static void test_array_of_unknown_length(void **state)
{
	struct built_kernel kernel;
	uint32_t last;

	(void)state;
	start(&kernel, 0x1, 1);
	assert_int_equal(count_nodes(&kernel, &last), 1);
	built_kernel_destroy(&kernel);
	start(&kernel, 0x8000000000000005, 64);
	assert_int_equal(count_nodes(&kernel, &last), 3);
	assert_int_equal(last, 63);
	built_kernel_destroy(&kernel);
}

/* Without the map nothing says where the array ends, and so of no node that it is one. */
static void test_no_map(void **state)
{
	struct built_kernel kernel;
	uint32_t last;

	(void)state;
	start(&kernel, 0x1, 1);
	kernel.target->facts.table[FACT_SYMBOL_node_online_map].source = VMC_FACT_UNKNOWN;
	assert_int_equal(count_nodes(&kernel, &last), 0);
	built_kernel_destroy(&kernel);
}

/* Damage: nodes that are said to be online, and are none; a set of nodes of any size. */
static void test_wrong_map(void **state)
{
	struct built_kernel kernel;
	struct target_reader *reader;
	struct node *nodes = NULL;
	size_t count;

	(void)state;
	start(&kernel, 0x3, 1);
	succeed(target_reader_create(kernel.target, &reader));
	fail_with(nodes_list(reader, &nodes, &count), VMC_ERR_UNMAPPED, "nr_zones");
	fact_set(&kernel.target->facts, FACT_SIZE_nodemask_t, UINT64_MAX, VMC_FACT_USER, NULL);
	fail_with(nodes_list(reader, &nodes, &count), VMC_ERR_UNMAPPED, "nr_zones");
	target_reader_destroy(reader);
	built_kernel_destroy(&kernel);
}

static void test_array_of_known_length(void **state)
{
	struct built_kernel kernel;
	uint32_t last;

	(void)state;
	start(&kernel, 0, 3);
	fact_set(&kernel.target->facts, FACT_LENGTH_node_data, 3, VMC_FACT_USER, NULL);
	assert_int_equal(count_nodes(&kernel, &last), 3);
	assert_int_equal(last, 2);
	built_kernel_destroy(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_array_of_unknown_length),
		cmocka_unit_test(test_no_map),
		cmocka_unit_test(test_wrong_map),
		cmocka_unit_test(test_array_of_known_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
