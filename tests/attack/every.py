"""All cases, in one list; their names differ."""
import cases as first
import cases_more as more

GROUPS = (first.controls, first.tar, first.references, first.xml, first.numbers, first.identities, more.manifests, more.vmdks, more.qcow2s, more.texts, more.domains, more.instances)


def cases():
    names = set()
    for group in GROUPS:
        for case in group():
            if case.name in names:
                raise AssertionError(f"two cases are called {case.name}")
            names.add(case.name)
            yield case
