"""Makes the lab's domain: provisions it, extends its schema, fills it.

    domain.py SMB.CONF PASSWORD ADDRESS ATTRIBUTES CLASSES OBJECTS LINKS

The last four are LDIF files. samba-tool is not used because it also sets the
access lists of the shared folders, which takes a file server and a file system
with extended attributes, for nothing.
"""

import logging
import sys
import time

from samba import dsdb
from samba.auth import system_session
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB

conf, password, address, attributes, classes, objects, links = sys.argv[1:]
logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
began = time.monotonic()


def done(step):
    print(f"{step} after {time.monotonic() - began:.1f} s", flush=True)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def open_domain():
    """A new connection, which reads the schema again."""
    lp = LoadParm()
    lp.load(conf)
    return SamDB(session_info=system_session(), lp=lp)


lp = LoadParm()
lp.load(conf)
provision(
    logging.getLogger(), system_session(), smbconf=conf, lp=lp,
    realm="AD.CONTOSO.COM", domain="AD", hostname="dc1", hostip=address,
    serverrole="active directory domain controller", dns_backend="SAMBA_INTERNAL",
    dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2, adminpass=password, batch_mode=True)
done("domain")

domain = open_domain()
domain.transaction_start()
domain.add_ldif(read(attributes))
domain.transaction_commit()
done("attributes")
domain = open_domain()
for part in read(classes).split("# next round\n"):
    domain.transaction_start()
    domain.modify_ldif(part)
    domain.transaction_commit()
    domain.set_schema_update_now()
done("classes")

domain = open_domain()
domain.newuser("tester", password)
domain.transaction_start()
domain.add_ldif(read(objects))
domain.modify_ldif(read(links))
# a running controller would see to its own names after a while
domain.modify_ldif(f"""
dn: CN=DC1,OU=Domain Controllers,{domain.domain_dn()}
changetype: modify
add: servicePrincipalName
servicePrincipalName: ldap/dc1.ad.contoso.com
servicePrincipalName: ldap/dc1.ad.contoso.com/ad.contoso.com
""")
domain.transaction_commit()
done("organization")
