"""Every model of the shop, by subject."""

from .catalogue import Benefit, Category, Picture, Product, SearchWord, Variant
from .content import Post, PostCategory, PostItem, PostPicture
from .customers import Address, Consent, Customer, CustomerIdentity
from .front import Banner, Front, HomeBlock, MenuItem
from .imports import ImportChange, ImportFault, ImportPicture, ImportRow, ProductImport
from .kits import KitPart
from .organizations import Domain, Membership, Organization
from .places import Department, Municipality
from .records import AuditEntry, SavedView, Sequence
from .stock import (
    LowStockAlert,
    StockCheck,
    StockCount,
    StockCountLine,
    StockLevel,
    StockMovement,
    StockReservation,
)
from .users import User
from .wishes import StockAlert, WishlistLine

__all__ = [
    "Address",
    "AuditEntry",
    "Banner",
    "Benefit",
    "Category",
    "Consent",
    "Customer",
    "CustomerIdentity",
    "Department",
    "Domain",
    "Front",
    "HomeBlock",
    "ImportChange",
    "ImportFault",
    "ImportPicture",
    "ImportRow",
    "KitPart",
    "LowStockAlert",
    "Membership",
    "MenuItem",
    "Municipality",
    "Organization",
    "Picture",
    "Post",
    "PostCategory",
    "PostItem",
    "PostPicture",
    "Product",
    "ProductImport",
    "SavedView",
    "SearchWord",
    "Sequence",
    "StockAlert",
    "StockCheck",
    "StockCount",
    "StockCountLine",
    "StockLevel",
    "StockMovement",
    "StockReservation",
    "User",
    "Variant",
    "WishlistLine",
]
