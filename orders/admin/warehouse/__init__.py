"""The pages of the warehouse: what waits, picking, packing, labels of many, and handing over."""

from shop.admin import overview
from shop.admin.site import site

from . import batches, deeds, dispatch, home, picking

__all__ = ["batches"]

site.add_page("bodega/", home.page, name="warehouse")
site.add_page("bodega/hacer/", deeds.page, name="warehouse-do")
site.add_page("bodega/alistar/", picking.page, name="warehouse-pick")
site.add_page("bodega/despachar/", dispatch.page, name="warehouse-dispatch")
site.add_page("bodega/entrega.pdf", dispatch.handover_list, name="warehouse-handover")
overview.add(waiting=home.waiting)
