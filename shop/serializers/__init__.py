"""The shop's rows as the API shows and reads them, by subject."""

from .catalogue import (
    ProductSerializer,
    StaffProductSerializer,
    StaffVariantSerializer,
    VariantSerializer,
)
from .customers import AddressSerializer, CustomerSerializer, OwnCustomerSerializer
from .pictures import PictureSerializer, PictureUploadSerializer
from .shelves import BenefitSerializer, CategorySerializer, StaffCategorySerializer
from .stock import StockMovementSerializer, StockSerializer

__all__ = [
    "AddressSerializer",
    "BenefitSerializer",
    "CategorySerializer",
    "CustomerSerializer",
    "OwnCustomerSerializer",
    "PictureSerializer",
    "PictureUploadSerializer",
    "ProductSerializer",
    "StaffCategorySerializer",
    "StaffProductSerializer",
    "StaffVariantSerializer",
    "StockMovementSerializer",
    "StockSerializer",
    "VariantSerializer",
]
