# SPDX-License-Identifier: GPL-2.0-or-later
"""Who owns which page in a vmcore, found from the owner's side by drgn: by following what the kernel
itself follows, and never by what a struct page says of itself.

kernel_pages() are pages that a dump must not lack; user_pages() are those of programs, files and of
the pool of hugetlb pages.  Each gives {owner: [(first pfn, number)]}.
"""
import collections
import struct

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.fs import for_each_file
from drgn.helpers.linux.list import hlist_for_each_entry, list_for_each, list_for_each_entry
from drgn.helpers.linux.percpu import per_cpu_ptr
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.slab import for_each_slab_cache

import tables

PAGE = 4096
IMAGE_START = 0xffffffff80000000        # where x86-64 maps the kernel's image
MODULES_START, MODULES_END = 0xffffffffc0000000, 0xffffffffff000000
CPU_ENTRY_START, CPU_ENTRY_END = 0xfffffe0000000000, 0xfffffe8000000000
USER_END = 1 << 56
LIST_MAX = 1 << 20
# Parts of the image that are never freed; others are, as what is for booting only.
IMAGE_PARTS = (('_text', '_etext'), ('__start_rodata', '__end_rodata'), ('_sdata', '_edata'),
               ('__bss_start', '__bss_stop'))
KERNFS = (b'sysfs', b'cgroup', b'cgroup2')
FREED_BSS = ('__start_bss_decrypted_unused', '__end_bss_decrypted')
NOT_OURS = 1 | 2                        # tag bits of an entry of an xarray


class Owners:
    def __init__(self, program, end_pfn):
        self.program, self.end_pfn = program, end_pfn
        self.kernel = collections.defaultdict(list)
        self.user = collections.defaultdict(list)
        self.notes = []                 # of what could not be followed
        self.vmemmap = self.number('vmemmap_base')
        self.direct = self.number('page_offset_base')
        self.vmalloc = self.number('vmalloc_base')
        self.page_size = program.type('struct page').size
        self.phys_base = program.read_u64(program.symbol('phys_base').address)
        self.five_levels = bool(self.number('__pgtable_l5_enabled'))
        self.vmalloc_end = self.vmalloc + (12800 << 40 if self.five_levels else 32 << 40)
        self.steps = (self.image, self.kernel_tables, self.tasks, self.slabs, self.objects,
                      self.percpu, self.zones, self.hash_tables, self.hugetlb_pool)

    def number(self, name):
        return self.program[name].value_()

    def find(self):
        """Follows everything.  A step that a kernel does not allow is noted."""
        for step in self.steps:
            try:
                step()
            except (AttributeError, LookupError, TypeError, ValueError, drgn.FaultError) as error:
                self.notes.append('%s: %s: %s' % (
                    step.__name__, type(error).__name__, str(error).splitlines()[0][:200]))
        return self

    # ---- addresses

    def pfn_of_address(self, address):
        """Of the direct map or the image."""
        if IMAGE_START <= address < MODULES_START:
            return (address - IMAGE_START + self.phys_base) % (1 << 64) // PAGE
        if self.direct <= address < self.vmalloc:
            return (address - self.direct) // PAGE
        return None

    def pfn_of_page(self, address):
        pfn, rest = divmod(address - self.vmemmap, self.page_size)
        if rest or not 0 <= pfn < self.end_pfn:
            raise ValueError('no struct page: 0x%x' % address)
        return pfn

    def own(self, owner, address, size=1):
        """Bytes of kernel memory; those of vmalloc are owned by way of the page tables."""
        first = self.pfn_of_address(address)
        if first is not None and size > 0:
            last = self.pfn_of_address(address + size - 1)
            if last < self.end_pfn:
                self.kernel[owner].append((first, last - first + 1))

    def own_object(self, owner, pointer):
        if pointer:
            self.own(owner, pointer.value_(), drgn.sizeof(pointer.type_.type))

    # ---- what the kernel owns

    def image(self):
        for start, end in IMAGE_PARTS:
            first, last = self.symbol(start), self.symbol(end)
            hole = [self.symbol(name) for name in FREED_BSS]
            if None in hole or not first <= hole[0] < hole[1] <= last:
                hole = [last, last]
            self.own('image', first, hole[0] - first)
            self.own('image', hole[1], last - hole[1])

    def symbol(self, name):
        try:
            return self.program.symbol(name).address
        except LookupError:
            return None

    def region(self, address):
        if self.vmalloc <= address < self.vmalloc_end:
            return 'vmalloc'
        if MODULES_START <= address < MODULES_END:
            return 'modules'
        if CPU_ENTRY_START <= address < CPU_ENTRY_END:
            return 'cpu entry area'
        if self.vmemmap <= address < self.vmemmap + self.end_pfn * self.page_size:
            return 'memory map'
        return None

    def read_physical(self, address, size):
        return self.program.read(address, size, True)

    def new_walk(self, wants):
        level = tables.TOP_LEVEL_5 if self.five_levels else tables.TOP_LEVEL_4
        return tables.Walk(self.read_physical, self.end_pfn, level, wants)

    def kernel_tables(self):
        walk = self.new_walk(self.region)
        walk.walk(self.pfn_of_address(self.program['init_mm'].pgd.value_()), 256)
        self.kernel['page table'] += [(pfn, 1) for pfn in walk.tables]
        for address, pfn, number in walk.mapped:
            self.kernel[self.region(address)].append((pfn, number))

    def tasks(self):
        seen, mms = set(), {}
        walk = self.new_walk(lambda address: address < USER_END)
        for task in for_each_task(self.program):
            self.own_object('task', task)
            stack = task.stack.value_()
            self.own('stack', stack, 4 * PAGE)      # only where it is not of vmalloc
            for name in ('signal', 'sighand', 'files', 'fs', 'nsproxy'):
                self.own_object('object of a task', task.member_(name))
            self.own_object('object of a task', task.cred)
            for mm in (task.mm, task.active_mm):
                if mm and mm.value_() not in mms:
                    mms[mm.value_()] = mm
                    self.own_object('mm', mm)
                    pgd = self.pfn_of_address(mm.pgd.value_())
                    if mm.pgd != self.program['init_mm'].pgd:
                        walk.walk(pgd, 0, 255)
            if task.mm and task.files.value_() not in seen:
                seen.add(task.files.value_())
                self.files(task)
        self.kernel['page table'] += [(pfn, 1) for pfn in walk.tables]
        self.user['mapped by a program'] += [run[1:] for run in walk.mapped]

    def files(self, task):
        for _, file in for_each_file(task):
            self.own_object('file', file)
            name = file.f_op.value_()
            try:
                name = self.program.symbol(name).name
            except LookupError:
                continue
            if name in ('pipefifo_fops', 'pipeanon_fops'):
                self.pipe(drgn.cast('struct pipe_inode_info *', file.private_data))
            elif name == 'io_uring_fops':
                self.ring(drgn.cast('struct io_ring_ctx *', file.private_data))
            elif name == 'socket_file_ops':
                self.socket(drgn.cast('struct socket *', file.private_data))

    def pipe(self, pipe):
        """The buffers of a pipe: pages that no flag tells from others."""
        anonymous = self.program['anon_pipe_buf_ops'].address_of_().value_()
        self.own_object('pipe', pipe)
        for index in range(pipe.tail.value_(), pipe.head.value_()):
            buffer = pipe.bufs[index & (pipe.ring_size.value_() - 1)]
            if buffer.ops.value_() == anonymous:
                self.kernel['pipe buffer'].append((self.pfn_of_page(buffer.page.value_()), 1))

    def ring(self, ring):
        """The rings of io_uring, which programs have mapped."""
        self.own_object('io_uring', ring)
        self.own('io_uring', ring.rings.value_(), PAGE)
        self.own('io_uring', ring.sq_sqes.value_(),
                 ring.sq_entries.value_() * drgn.sizeof(ring.sq_sqes.type_.type))

    def socket(self, socket):
        """What waits in a socket: content that is in slabs, or in pages of its own."""
        if not socket.sk:
            return
        self.own_object('socket', socket.sk)
        queue = socket.sk.sk_receive_queue
        buffer = queue.next
        for _ in range(queue.qlen.value_()):
            self.own_object('buffer of a socket', buffer)
            self.own('data of a socket', buffer.head.value_(), buffer.end.value_())
            buffer = buffer.next

    # ---- slabs

    def own_slab(self, cache, slab):
        """A whole slab: of as many pages as its cache says."""
        order = cache.oo.x.value_() >> 16
        smallest = cache.min.x.value_() >> 16
        objects = slab.objects.value_()
        if objects == cache.min.x.value_() & 0xffff:
            order = smallest
        self.kernel['slab of a list'].append((self.pfn_of_page(slab.value_()), 1 << order))

    def slabs_of_chain(self, cache, slab):
        for _ in range(LIST_MAX):
            if not slab:
                return
            self.own_slab(cache, slab)
            slab = slab.next

    def nodes_of(self, cache):
        try:
            nodes = [node.node for node in cache.per_node[0:self.number('nr_node_ids')]]
        except (AttributeError, TypeError, LookupError):
            try:
                nodes = [cache.node[i] for i in range(self.number('nr_node_ids'))]
            except AttributeError:
                nodes = [cache.per_node[i].node for i in range(self.number('nr_node_ids'))]
        return [node for node in nodes if node]

    def sheaf(self, sheaf):
        """Objects that wait in front of the slabs, since 6.18."""
        if not sheaf:
            return
        self.own_object('sheaf', sheaf)
        for i in range(sheaf.size.value_()):
            self.own('object of a sheaf', sheaf.objects[i].value_())

    def slabs(self):
        for cache in for_each_slab_cache(self.program):
            self.own('cache of slabs', cache.value_())
            for node in self.nodes_of(cache):
                self.own_object('cache of slabs', node)
                for slab in list_for_each_entry('struct slab', node.partial.address_of_(),
                                                'slab_list'):
                    self.own_slab(cache, slab)
            for cpu in for_each_possible_cpu(self.program):
                self.slabs_of_cpu(cache, cpu)

    def slabs_of_cpu(self, cache, cpu):
        if hasattr(cache, 'cpu_slab') and cache.cpu_slab:
            mine = per_cpu_ptr(cache.cpu_slab, cpu)
            if mine.slab:
                self.own_slab(cache, mine.slab)
            if hasattr(mine, 'partial'):
                self.slabs_of_chain(cache, mine.partial)
        if hasattr(cache, 'cpu_sheaves') and cache.cpu_sheaves:
            mine = per_cpu_ptr(cache.cpu_sheaves, cpu)
            for name in ('main', 'spare', 'rcu_free'):
                self.sheaf(mine.member_(name))

    # ---- objects, and what they own

    def objects(self):
        for block in list_for_each_entry('struct super_block',
                                         self.program['super_blocks'].address_of_(), 's_list'):
            self.own_object('super block', block)
            kernfs = block.s_type.name.string_() in KERNFS
            for inode in list_for_each_entry('struct inode', block.s_inodes.address_of_(),
                                             'i_sb_list'):
                self.inode(inode)
                if kernfs:
                    self.own_object('kernfs', drgn.cast('struct kernfs_node *', inode.i_private))
        self.swap_cache()

    def inode(self, inode):
        self.own_object('inode', inode)
        self.own('security of an inode', inode.i_security.value_())
        for dentry in hlist_for_each_entry('struct dentry', inode.i_dentry.address_of_(),
                                           self.alias):
            self.own_object('dentry', dentry)
            self.own_object('dentry', dentry.d_parent)
        mapping = inode.i_data
        self.xarray(mapping.i_pages.xa_head.value_(), 'in the cache of a file')

    def swap_cache(self):
        """Up to 6.17 an address space for each 64 MiB of a swap area."""
        try:
            spaces, numbers = self.program['swapper_spaces'], self.program['nr_swapper_spaces']
        except LookupError:
            return
        for kind in range(len(spaces)):
            for i in range(numbers[kind].value_()):
                self.xarray(spaces[kind][i].i_pages.xa_head.value_(), 'in the swap cache')

    @property
    def alias(self):
        """Where a dentry stands in the list of its inode; in a nameless union since 7.1."""
        try:
            drgn.offsetof(self.program.type('struct dentry'), 'd_alias')
            return 'd_alias'
        except LookupError:
            return 'd_u.d_alias'

    def xarray(self, entry, owner):
        """The pages in an xarray, and its nodes, which are the kernel's."""
        if not entry or entry & 1:
            return
        if entry & NOT_OURS != 2:
            self.user[owner].append((self.pfn_of_page(entry), 1))
            return
        if entry < PAGE:        # an entry that stands for its sibling, or is to be tried again
            return
        address = entry & ~NOT_OURS
        self.own('node of a cache', address, self.node_size)
        for slot in struct.unpack('<64Q', self.program.read(address + self.node_slots, 512)):
            self.xarray(slot, owner)

    @property
    def node_size(self):
        return self.program.type('struct xa_node').size

    @property
    def node_slots(self):
        return drgn.offsetof(self.program.type('struct xa_node'), 'slots')

    # ---- what was set up at boot

    def percpu(self):
        """The first chunk of per-CPU memory; later ones are of vmalloc."""
        base, chunk = self.number('pcpu_base_addr'), self.program['pcpu_first_chunk']
        size = chunk.base_addr.value_() + chunk.nr_pages.value_() * PAGE - base
        for cpu in for_each_possible_cpu(self.program):
            self.own('per-CPU', base + self.program['pcpu_unit_offsets'][cpu].value_(), size)

    def zones(self):
        for node in self.program['node_data']:
            self.own_object('node', node)
        roots = self.program['mem_section']
        section = drgn.sizeof(self.program.type('struct mem_section'))
        per_root = PAGE // section
        last = self.end_pfn >> 15
        self.own('section', roots.value_(), 8 * (last // per_root + 1))
        for index in range(last // per_root + 1):
            if roots[index]:
                self.own('section', roots[index].value_(), PAGE)
                for i in range(per_root):
                    usage = roots[index][i].usage
                    if usage:
                        self.own('section', usage.value_())

    def hash_tables(self):
        self.own('log', self.number('log_buf'), self.number('log_buf_len'))
        for table, shift in (('dentry_hashtable', 'd_hash_shift'),
                             ('inode_hashtable', 'i_hash_shift')):
            address, bits = self.number(table), self.number(shift)
            self.own('hash table', address, 8 << (32 - bits if table[0] == 'd' else bits))

    # ---- what is not the kernel's

    def hugetlb_pool(self):
        states = self.program['hstates']
        for i in range(self.number('hugetlb_max_hstate')):
            heads = [states[i].hugepage_activelist.address_of_()]
            heads += [head.address_of_() for head in states[i].hugepage_freelists]
            lru = drgn.offsetof(self.program.type('struct page'), 'lru')
            for head in heads:
                for entry in list_for_each(head):
                    self.user['in the pool of hugetlb'].append(
                        (self.pfn_of_page(entry.value_() - lru), 1 << states[i].order.value_()))
