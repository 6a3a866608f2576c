#include <cstdio>

#include <libxml/parser.h>
#include <libxml/tree.h>

// bench_libxml2 IN OUT: what any libxml2 program has to do at least: parse into a tree, write the tree.
int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: bench_libxml2 IN OUT\n", stderr);
        return 2;
    }
    xmlDocPtr document = xmlReadFile(argv[1], nullptr, XML_PARSE_HUGE | XML_PARSE_NONET);
    if (document == nullptr) return 3;
    const int written = xmlSaveFile(argv[2], document);
    xmlFreeDoc(document);
    return written > 0 ? 0 : 6;
}
