/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of html/, which the build turns into strings. */
#ifndef VMCULL_AUDIT_PICTURE_PAGE_H
#define VMCULL_AUDIT_PICTURE_PAGE_H

/* The page, with @NAME@ where something goes in. */
extern const char page_html[];
extern const char style_css[];
extern const char map_js[];

#endif
