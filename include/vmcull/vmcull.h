/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvmcull: reads Linux crash dumps, tells the state of every page and writes filtered dumps.
 *
 *	vmc_dump_open()      a file -> physical memory
 *	vmc_target_open()    its kernel -> facts and virtual memory
 *	vmc_page_walk_…()    the memory map -> the state of every page
 *	vmc_dmesg_…()        the records of its log
 *	vmc_audit_run()      the same, counted, checked and told
 *	vmc_map_…()          what an audit tells of ranges -> a picture
 *	vmc_report_…()       the same and what it found -> a page of HTML
 *	vmc_diff_run()       two of them -> what changed
 *	vmc_estimate_…()     the states and a sample -> how large a filtered dump would be
 *	vmc_explain_…()      one page in every detail
 *	vmc_plan_create()    page states and a policy -> which pages to keep
 *	vmc_strip_plan()     what an audit reads -> which bytes to keep
 *	vmc_write()          kept pages -> a compressed dump
 *	vmc_verify()         is a dump whole, and equal to another?
 *	vmc_rearrange()      the flattened form of a dump -> the dump
 */
#ifndef VMCULL_VMCULL_H
#define VMCULL_VMCULL_H

#include <vmcull/audit.h>
#include <vmcull/codec.h>
#include <vmcull/diff.h>
#include <vmcull/dmesg.h>
#include <vmcull/dump.h>
#include <vmcull/erase.h>
#include <vmcull/error.h>
#include <vmcull/estimate.h>
#include <vmcull/explain.h>
#include <vmcull/filter.h>
#include <vmcull/flattened.h>
#include <vmcull/kernel.h>
#include <vmcull/log.h>
#include <vmcull/pages.h>
#include <vmcull/picture.h>
#include <vmcull/strip.h>
#include <vmcull/target.h>
#include <vmcull/types.h>
#include <vmcull/verify.h>
#include <vmcull/version.h>
#include <vmcull/write.h>

#endif
